// The whole chip between two runs, kept in memory: for fuzzers, which run the same start again and again, and
// for trials ("what if"). Taking one copies 4 Mbytes. Restoring the one taken or restored last copies back
// only the pages that were written since (HostMemory marks; the engines watch the program's stores) and the
// blocks that were touched since; any other one is put back whole.
//
// Part of it: both cores, their private peripherals and counts, all memory with its ECC states, every
// register block, the event queue, pending resets, the scheduler, the RSS's retained state, what the trace
// has said already. Not part of it: what the host has connected (sinks, wires out), program() pieces for the
// next power-on, open files of semihosting, breakpoints, and what the cache checker knows.
//
// A snapshot holds the chip's secrets in plain text and therefore has no way to a file (D-14).
#pragma once

#include <memory>

namespace h7::chip {

class Snapshot {
public:
    ~Snapshot();

private:
    friend class Chip;
    struct Contents;
    explicit Snapshot(std::unique_ptr<Contents> contents);
    std::unique_ptr<Contents> contents_;
};

}  // namespace h7::chip
