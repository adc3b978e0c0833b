// Option bytes by ST's names: what STM32CubeProgrammer's `-ob` takes and prints, as bits of the nine option
// words. Titles and order of the print follow that tool; the words and bits are F-149..F-154.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/result.hpp"
#include "peripherals/flash/image.hpp"

namespace h7::options {

/// One named field. `name` is unique; fields are listed in the order they are printed.
struct Field {
    std::string_view section;  // "Read Out Protection"
    std::string_view name;     // "RDP"
    flash::OptionWord word;
    std::uint8_t msb, lsb;

    std::uint32_t get(const flash::OptionWords& words) const;
    std::uint32_t greatest() const;
    /// `words` with this field replaced.
    void set(flash::OptionWords& words, std::uint32_t value) const;
    /// What the present value means, "Level 0, no protection" or "0x0800FF00"; "" when the number says it
    /// all.
    std::string meaning(std::uint32_t value) const;
};

/// Every field a user may name, in printing order.
std::span<const Field> fields();

/// The field called `name` (any case). nullptr: there is none.
const Field* find(std::string_view name);

/// One requested change.
struct Change {
    const Field* field = nullptr;
    std::uint32_t value = 0;
};

/// "RDP=0xBB". Errors: no '='; an unknown name (the message names the nearest known one); a value that is no
/// number or does not fit the field's bits.
Result<Change> parse_change(std::string_view text);
/// Several; additionally refuses the same name twice.
Result<std::vector<Change>> parse_changes(std::span<const std::string> texts);

/// The words with all changes made.
flash::OptionWords with_changes(flash::OptionWords words, std::span<const Change> changes);

/// A part with one core has no option bytes of a CM4 and of D2 resets, and no BCM7 (decision 0170).
enum class Cores : std::uint8_t { one, two };
bool exists(const Field& field, Cores cores);

/// The printed form, several lines, as STM32CubeProgrammer's `-ob displ` shows it.
std::string print(const flash::OptionWords& words, Cores cores = Cores::two);
/// The same as a JSON object: {"RDP": {"value": 170, "meaning": ".."}, .., "words": {"OPTSR": "0x17C6AAF0",
/// ..}}.
std::string print_json(const flash::OptionWords& words, Cores cores = Cores::two);

/// The register a word lives in: "OPTSR", "PRAR1", "PRAR2", .., "BOOT7", "BOOT4".
std::string_view name_of(flash::OptionWord word);
/// The word's name in an option-byte CSV file: "FOPTSR_PRG", "FPRAR_PRG_A", .., "RESERVED"
/// (rss-sfi-bootloader.md 4.8).
std::string_view csv_name_of(flash::OptionWord word);

}  // namespace h7::options
