// The chip file: what silicon keeps without power, in one SQLite database (mode 0600, it holds the device
// key).
//
//   meta         key, value              part, RAM seed, sizes
//   option_word  name, value             the nine option words, physical banks
//   flash_block  bank, block, data, words   4-Kbyte blocks that are not blank; `words` has one WordState a
//   flash word;
//                                        bank 1, 2: user flash; 3: bank-2 system flash (the RSS journal)
//   first_writer bank, block, words      who programmed each flash word of a block first (D-12): 128 entries
//   of 16
//                                        bytes, little-endian: pc, master, context, origin, 0, time in ps
//   reading      name, value             the readings of the silicon that are not the default
//   (chip/readings.hpp) identity     uid, certificate, private_key
//
// Version 1 had neither first_writer nor reading: such a file opens, says "not known" and the defaults, and
// becomes one of version 2 when it is saved.
//
// One transaction a verb: a crash of the host at any moment leaves the old or the new state. A file opened
// for change is locked for everybody else until it is closed (D-31).
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "emulator/base/result.hpp"
#include "peripherals/flash/image.hpp"
#include "rss/identity.hpp"

namespace h7 {

/// Version of the tables above. A newer file is refused, never guessed at; an older one is migrated by
/// save().
inline constexpr int kChipFileVersion = 2;

struct ChipContents {
    std::string part;  // "STM32H755"
    flash::Image image;
    rss::Identity identity;
    std::uint64_t ram_seed = 0;                     // D-13
    std::map<std::string, std::string> readings{};  // name -> value, where not the default
};

/// A factory-fresh image of `bank_size` bytes a bank: everything erased, factory option bytes.
flash::Image blank_image(std::uint32_t bank_size, std::uint32_t system_size = 128U << 10);

/// The same chip, or the same image, down to every ECC state.
bool operator==(const ChipContents& a, const ChipContents& b);

class ChipFile {
public:
    enum class Use { look, change };

    /// Makes a new file with `contents`. Refuses to replace anything that exists. After an error or a crash
    /// no half file is left under that name.
    static Result<void> create(const std::filesystem::path& path, const ChipContents& contents);

    /// Opens an existing file. Errors (exit 2): no such file; not a chip file; damaged; a newer version; in
    /// use by another process (`look` only meets this while the other one changes it).
    static Result<ChipFile> open(const std::filesystem::path& path, Use use);

    ~ChipFile();
    ChipFile(ChipFile&&) noexcept;
    ChipFile& operator=(ChipFile&&) noexcept;

    /// Everything, checked: sizes, states and the presence of every word. Error: the file is damaged.
    Result<ChipContents> load() const;

    /// Replaces the contents in one transaction; only blocks that differ are written. Needs Use::change.
    Result<void> save(const ChipContents& contents);

    const std::filesystem::path& path() const;

private:
    struct Impl;
    explicit ChipFile(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace h7
