// The one folder of the host that firmware may use. A name leads to something inside it or nowhere: no
// absolute path, no "..", no symbolic link on the way or at the end, nothing but regular files.
#pragma once

#include <sys/types.h>

#include <string_view>
#include <utility>

#include "emulator/base/expected.hpp"
#include "emulator/base/result.hpp"

namespace h7::semihosting {

/// An open file of the host; closes itself.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~Descriptor();
    int number() const { return number_; }
    bool valid() const { return number_ >= 0; }

private:
    int number_ = -1;
};

/// An errno of the host, as the answer to a request.
struct HostError {
    int number = 0;
};
template <class T>
using HostResult = Expected<T, HostError>;

class Folder {
public:
    static constexpr std::size_t kLongestName = 1024;

    /// Error (misuse): `path` is no folder that can be opened.
    static Result<Folder> open(const std::string& path);

    /// `flags` as for open(2): O_RDONLY, O_WRONLY, O_RDWR, with O_CREAT, O_TRUNC, O_APPEND.
    HostResult<Descriptor> file(std::string_view name, int flags) const;
    HostResult<void> remove(std::string_view name) const;
    HostResult<void> rename(std::string_view from, std::string_view to) const;

private:
    explicit Folder(Descriptor root) : root_(std::move(root)) {}
    struct Place {
        Descriptor folder;
        std::string last;
    };
    HostResult<Place> walk(std::string_view name) const;

    Descriptor root_;
};

}  // namespace h7::semihosting
