import CHost

// The worker: enters the sandbox, loads one plugin and translates between its C functions and the core's packets. No
// Foundation and no Task: until the filter is on, the process must have one thread.
zos_output_by_line()
zos_leave(Worker.run())
