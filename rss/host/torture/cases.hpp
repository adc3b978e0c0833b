// The catalogue: everything that is done to the chip, in a fixed order, each case by a name that brings it
// back.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "rss/host/torture/judge.hpp"

namespace h7::torture {

enum class Group : std::uint8_t { cuts, tampering, situations };
std::string_view name_of(Group group);

struct Outcome {
    std::string ended;         // "blank, then complete"; "E_AREA_TAG"
    std::uint64_t cycles = 0;  // power cuts with everything that followed
    std::uint64_t reads = 0;
    std::vector<std::string> broken{};
};

/// What cases work with. One a run, used by one thread.
struct Bench {
    Rig& rig;
    const Recording& recording;
    const Judge& judge;
    std::vector<Probe> probes;
    Served again;  // what a second install says on a chip that is complete
    std::uint64_t seed = 0;
};

struct Case {
    std::string name;  // "cut/17/inside/s2", "flip/header/0x0c.3"
    Group group = Group::cuts;
    std::function<Outcome(Bench&)> run;
};

/// How much of what could be done is done.
struct Effort {
    unsigned torn = 4;           // ways to tear each word or sector
    unsigned second_cuts = 4;    // of each first cut: further cuts inside the recovery
    unsigned payload_bits = 64;  // flipped bits of each area's ciphertext
    unsigned truncations = 64;   // lengths a part is cut to
    unsigned every_nth_bit = 1;  // of headers, descriptors, tags and license
    unsigned attackers = 16;     // cut points at which somebody comes between cut and retry

    static Effort quick() { return {1, 1, 8, 16, 1, 4}; }
};

void add_cuts(std::vector<Case>& all, const Bench& bench, const Effort& effort);
void add_tampering(std::vector<Case>& all, const Bench& bench, const Effort& effort);
void add_situations(std::vector<Case>& all, const Bench& bench, const Effort& effort);

// --- what several of them do ---
/// Looks, lets everybody read, installs again; everything must end as if nothing had happened.
void recover_and_judge(Bench& bench, Outcome& outcome);
/// The missing parts, and the state afterwards.
void finish(Bench& bench, Outcome& outcome);
/// The image was refused with one of `expected`; the chip shows the coarse code and nothing changed.
void judge_refusal(Bench& bench, const Served& served, std::span<const image::Detail> expected,
                   Outcome& outcome);

}  // namespace h7::torture
