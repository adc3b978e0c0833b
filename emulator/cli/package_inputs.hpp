// What `sfi pack` and `smi pack` take from files.
#pragma once

#include <optional>

#include "emulator/cli/inputs.hpp"
#include "rss/host/package/segments.hpp"
#include "rss/image/option_words.hpp"

namespace h7::cli {

/// Programs as command lines name them: ELF, Intel HEX, S-record, file.bin@ADDRESS.
Result<std::vector<package::Segment>> segments_of(const std::vector<std::string>& arguments);

/// Programs and .smi files, told apart by their first bytes.
struct Modules {
    std::vector<package::Segment> plain, wrapped;
};
Result<Modules> modules_of(const std::vector<std::string>& arguments);

/// A CSV of nine rows, or our TOML form when the name ends in .toml. No path: no words.
Result<std::optional<image::OptionWords>> option_words_of(const std::string& path);

/// `text` as a number, `otherwise` when it is empty.
Result<std::uint32_t> number_of(std::string_view option, const std::string& text, std::uint32_t otherwise);
Result<std::uint8_t> padding_of(const std::string& text);

/// The nonce of a new file: from `path`, or fresh and written to OUTPUT.nonce (mode 0600) by write().
class SpentNonce {
public:
    static Result<SpentNonce> of(const std::string& path, const std::string& output);
    ByteView bytes() const { return bytes_; }
    /// Where a fresh one was put; "" when the caller gave one.
    const std::string& written_to() const { return written_to_; }
    Result<void> write() const;

    ~SpentNonce() { wipe(bytes_); }
    SpentNonce(SpentNonce&&) = default;
    SpentNonce& operator=(SpentNonce&&) = default;

private:
    SpentNonce(Bytes bytes, std::string written_to)
        : bytes_(std::move(bytes)), written_to_(std::move(written_to)) {}
    Bytes bytes_;
    std::string written_to_;
};

}  // namespace h7::cli
