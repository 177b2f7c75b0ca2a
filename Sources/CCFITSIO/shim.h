#pragma once
// The long names (fits_open_diskfile) are macros, which Swift does not see: callers use the short
// ones (ffdkopn), which are the library's symbols.
#include <fitsio.h>
