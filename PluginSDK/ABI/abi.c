#include "zos_plugin.h"
