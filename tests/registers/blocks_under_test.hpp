// Every block that has a register table, built directly, with its locks open.
#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "emulator/fabric/peripheral.hpp"

namespace h7 {

/// A block and whatever must live as long as it.
struct Specimen {
    std::shared_ptr<void> neighbours;
    std::unique_ptr<Peripheral> block;
};

struct BlockUnderTest {
    std::string name;
    std::function<Specimen()> build;
};
inline void PrintTo(const BlockUnderTest& b, std::ostream* out) { *out << b.name; }

std::vector<BlockUnderTest> blocks_under_test();

}  // namespace h7
