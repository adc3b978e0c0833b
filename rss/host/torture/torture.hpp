// h7rss sfi torture: the regression engine of install flows. One uninterrupted install is recorded step by
// step; every case then starts from a point of that recording (docs/rss/torture.md).
//
//   const Report report = TRY(torture::run(subject, {.effort = Effort::quick(), .seed = 1}));
//   if (report.violations() != 0) ..
#pragma once

#include <functional>

#include "rss/host/torture/cases.hpp"

namespace h7::torture {

struct Shard {
    unsigned number = 1, of = 1;  // 1 to `of`; takes every of-th case
};

struct Defect;
struct Line;

struct Wish {
    Effort effort{};
    std::uint64_t seed = 1;
    Shard shard{};
    std::string only{};  // one case by its name; empty: all of the shard
    /// After each case.
    std::function<void(std::size_t done, std::size_t of)> progress = {};
    /// A chip that lacks a rule (defects.hpp): the run must find that out.
    const Defect* defect = nullptr;
    /// After each case; true ends the run.
    std::function<bool(const Line& line)> enough = {};
};

/// One case and how it ended.
struct Line {
    std::size_t number = 0;  // in the catalogue
    std::string name;
    Group group = Group::cuts;
    Outcome outcome;
};

struct Report {
    std::uint64_t seed = 1;
    std::size_t catalogue = 0;  // cases there are, in all shards
    std::size_t steps = 0;      // flash steps of an uninterrupted install
    std::vector<Line> lines;    // by number

    std::uint64_t cycles() const;
    std::uint64_t reads() const;
    std::uint64_t violations() const;  // broken invariants, in all lines
};

/// Errors: those of plan() and Rig::create(); (misuse): no case of that name; (refused): the uninterrupted
/// install is refused, with the RSS's reason: there is nothing to torture. An install that ends otherwise
/// than the image says is a violation of the case "install".
Result<Report> run(const Subject& subject, const Wish& wish);

/// The same for a module alone: `subject.image` is an SMI-1 file, the license one for modules. The place is
/// blank and its bank has no PCROP area yet.
Result<Report> run_module(const Subject& subject, const Wish& wish);

/// The shards of one run put together again: equal to the run without shards.
Report merge(const std::vector<Report>& shards);

}  // namespace h7::torture
