// libFuzzer as a library (compiler-rt, fuzzer/FuzzerInterface.h): our own main picks the target.
#pragma once
#include <stddef.h>
#include <stdint.h>

// Calls `run` with inputs until a bound in the arguments is reached. `run` answers 0.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*run)(const uint8_t *data, size_t size));
