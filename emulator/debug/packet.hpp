// The packets of GDB's remote serial protocol: framing, checksums, escapes, run-length encoding,
// acknowledgements. Text in, text out; knows nothing of sockets, of commands or of a chip.
//
//   PacketReader reader;
//   reader.feed(bytes);
//   while (auto item = reader.next()) ..
//   send(frame("T05"));
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "emulator/base/bytes.hpp"

namespace h7::debug {

/// The longest payload we take or send: announced as PacketSize, which counts the payload as it is framed.
inline constexpr std::size_t kPacketSize = 0x4000;

/// "$payload#checksum", the payload with its special characters escaped.
std::string frame(std::string_view payload);

/// One thing that arrived.
struct Arrived {
    enum class Kind : std::uint8_t {
        packet,     // `payload`, unescaped and expanded
        damaged,    // a packet with a wrong checksum, a wrong run, or longer than kPacketSize
        interrupt,  // ^C between packets
        ack,        // +
        nack,       // -
    };
    Kind kind = Kind::packet;
    std::string payload;
};

/// Cuts a stream of bytes into what it holds. Never holds more than one packet of kPacketSize and what was
/// fed.
class PacketReader {
public:
    void feed(std::string_view bytes) { input_.append(bytes); }
    /// The next complete item; nothing while more bytes are needed. Bytes between packets that mean nothing
    /// are skipped, as the protocol wants it.
    std::optional<Arrived> next();

private:
    std::optional<Arrived> take_packet();

    std::string input_;
    std::size_t scanned_ = 0;  // of a packet that is not complete yet
};

/// Numbers and bytes as the protocol writes them: hexadecimal without 0x.
class HexReader {
public:
    explicit HexReader(std::string_view text) : text_(text) {}
    /// Up to 8 digits, at least one.
    std::optional<std::uint32_t> number();
    /// Takes `c` if it is next.
    bool take(char c);
    /// Two digits a byte, up to the end; nothing if it is odd or no hex.
    std::optional<Bytes> bytes();
    std::string_view rest() const { return text_; }
    bool empty() const { return text_.empty(); }

private:
    std::string_view text_;
};

}  // namespace h7::debug
