// A property that must hold for every input; ends the process otherwise, in every build type.
#pragma once

#include <cstdio>
#include <cstdlib>

#define H7_MUST(condition)                                                                      \
    do {                                                                                        \
        if (!(condition)) {                                                                     \
            std::fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
            std::abort();                                                                       \
        }                                                                                       \
    } while (false)
