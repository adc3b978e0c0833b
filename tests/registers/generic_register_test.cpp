// One plan over every register table: what describe() promises is what the bus shows.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "emulator/base/bits.hpp"
#include "tests/registers/blocks_under_test.hpp"

namespace h7 {
namespace {

std::uint32_t mask_of(const RegisterInfo& info, std::initializer_list<std::string_view> letters) {
    std::uint32_t all = 0;
    for (const FieldInfo& field : info.fields)
        for (const std::string_view wanted : letters)
            if (field.letters == wanted) all |= mask(field.msb, field.lsb);
    return all;
}
std::uint32_t every_field(const RegisterInfo& info) {
    return mask_of(info, {"r", "w", "rw", "rs", "rc_w1", "rc_w0", "not modelled"});
}
std::uint32_t readable(const RegisterInfo& info) { return every_field(info) & ~mask_of(info, {"w"}); }

class RegisterTable : public testing::TestWithParam<BlockUnderTest> {
protected:
    /// A block as power-on leaves it.
    Specimen fresh() {
        Specimen s = GetParam().build();
        s.block->reset(ResetKind::power_on);
        return s;
    }
    static Access access(const Peripheral& block, Address offset, std::uint8_t size, Op op) {
        return {block.base() + offset, size, op, Master::cm7};
    }
    static std::uint32_t read(Peripheral& block, Address offset) {
        const auto got = block.read(access(block, offset, 4, Op::read));
        EXPECT_TRUE(got.has_value()) << "a word read faults";
        return static_cast<std::uint32_t>(got.value_or(0));
    }
    /// A wrong key is answered with a bus error: that is the guest's business, not this test's.
    static bool write(Peripheral& block, Address offset, std::uint32_t value, std::uint8_t size = 4) {
        return block.write(access(block, offset, size, Op::write), value).has_value();
    }
};

TEST_P(RegisterTable, NamesAndPlacesAreUnique) {
    const Specimen s = fresh();
    std::map<std::string, RegisterInfo> names;
    std::set<Address> offsets;
    for (const RegisterInfo& info : s.block->describe()) {
        // One register may answer at two places, with one name (F-126); two registers may not share a name.
        const auto [other, is_new] = names.try_emplace(info.name, info);
        if (!is_new) {
            EXPECT_EQ(every_field(info), every_field(other->second)) << info.name;
            EXPECT_EQ(info.reset, other->second.reset) << info.name;
        }
        EXPECT_TRUE(offsets.insert(info.offset).second) << info.name;
        EXPECT_EQ(info.offset % 4, 0U) << info.name;
        EXPECT_LT(info.offset, s.block->size()) << info.name;
        std::set<std::string_view> fields;
        for (const FieldInfo& field : info.fields)
            EXPECT_TRUE(fields.insert(field.name).second) << info.name << '.' << field.name;
    }
    EXPECT_FALSE(names.empty());
}

TEST_P(RegisterTable, ResetValuesReadBack) {
    const Specimen s = fresh();
    for (const RegisterInfo& info : s.block->describe())
        if (!info.computed) {
            EXPECT_EQ(read(*s.block, info.offset), info.reset & readable(info)) << info.name;
        }
}

TEST_P(RegisterTable, PowerOnForgetsWhatWasWritten) {
    const Specimen s = fresh();
    for (const RegisterInfo& info : s.block->describe()) write(*s.block, info.offset, 0xFFFF'FFFF);
    s.block->reset(ResetKind::power_on);
    for (const RegisterInfo& info : s.block->describe())
        if (!info.computed) {
            EXPECT_EQ(read(*s.block, info.offset), info.reset & readable(info)) << info.name;
        }
}

TEST_P(RegisterTable, ReservedAndWriteOnlyBitsReadZero) {  // F-279
    for (const RegisterInfo& info : fresh().block->describe()) {
        const Specimen s = fresh();
        write(*s.block, info.offset, 0xFFFF'FFFF);
        EXPECT_EQ(read(*s.block, info.offset) & ~readable(info), 0U) << info.name;
    }
}

TEST_P(RegisterTable, ReadOnlyBitsIgnoreWrites) {
    for (const RegisterInfo& info : fresh().block->describe()) {
        const std::uint32_t read_only = mask_of(info, {"r"});
        if (read_only == 0 || info.computed) continue;
        const Specimen s = fresh();
        const std::uint32_t before = read(*s.block, info.offset);
        // Everything else is written so that it keeps its value.
        const std::uint32_t keep =
            (before & mask_of(info, {"rw", "rs", "not modelled"})) | mask_of(info, {"rc_w0"});
        write(*s.block, info.offset, keep | (~before & read_only));
        EXPECT_EQ(read(*s.block, info.offset) & read_only, before & read_only) << info.name;
    }
}

TEST_P(RegisterTable, ByteWritesTouchOnlyTheirLane) {
    for (const RegisterInfo& info : fresh().block->describe()) {
        const bool plain =
            !info.guarded && !info.computed && every_field(info) == mask_of(info, {"rw", "not modelled"});
        for (unsigned lane = 0; plain && lane < 4; ++lane) {
            const Specimen s = fresh();
            const std::uint32_t before = read(*s.block, info.offset);
            const std::uint32_t byte = ~before >> (8 * lane) & 0xFF;
            if (!write(*s.block, info.offset + lane, byte, 1)) break;  // this block takes words only
            const std::uint32_t others = ~(0xFFU << (8 * lane));
            EXPECT_EQ(read(*s.block, info.offset) & others, before & others) << info.name << " byte " << lane;
        }
    }
}

TEST_P(RegisterTable, SavedStateComesBack) {
    const Specimen one = fresh();
    for (const RegisterInfo& info : one.block->describe()) write(*one.block, info.offset, 0xA5A5'5A5A);
    StateWriter out;
    one.block->save(out);
    const Specimen two = fresh();
    StateReader in(out.data());
    two.block->load(in);
    const auto finished = in.finish();
    ASSERT_TRUE(finished) << finished.error().message;
    for (const RegisterInfo& info : one.block->describe())
        if (!info.computed) {
            EXPECT_EQ(read(*two.block, info.offset), read(*one.block, info.offset)) << info.name;
        }
}

INSTANTIATE_TEST_SUITE_P(EveryBlock, RegisterTable, testing::ValuesIn(blocks_under_test()),
                         [](const auto& sample) { return sample.param.name; });

}  // namespace
}  // namespace h7
