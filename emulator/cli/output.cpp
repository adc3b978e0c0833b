#include "emulator/cli/output.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

namespace h7::cli {
namespace {

class FileDestination final : public Destination {
public:
    FileDestination(std::FILE* file, std::string name) : file_(file), name_(std::move(name)) {}
    ~FileDestination() override {
        if (file_ != nullptr && file_ != stdout) std::fclose(file_);
    }
    void write(char c) override {
        std::fputc(last_ = c, file_);
        if (c == '\n') std::fflush(file_);
    }
    Result<void> finish() override {
        if (file_ == stdout && last_ != '\n')
            std::fputc('\n', file_);  // a run may end in the middle of a line
        if (std::fflush(file_) != 0 || std::ferror(file_) != 0)
            return misuse(fmt::format("{}: cannot write: {}", name_, std::strerror(errno)));
        return {};
    }

private:
    std::FILE* file_;
    std::string name_;
    char last_ = '\n';
};

}  // namespace

bool TextSearch::feed(char c) {
    if (found_) return true;
    tail_.push_back(c);
    if (tail_.size() > text_.size()) tail_.erase(0, tail_.size() - text_.size());
    return found_ = tail_ == text_;
}

Result<std::unique_ptr<Destination>> open_destination(const std::string& where) {
    if (where == "stdio") return std::unique_ptr<Destination>(new FileDestination(stdout, "standard output"));
    constexpr std::string_view kFile = "file:";
    if (!where.starts_with(kFile) || where.size() == kFile.size())
        return misuse(fmt::format("{}: a port goes to stdio or to file:PATH", where));
    const std::string path = where.substr(kFile.size());
    std::FILE* file = std::fopen(path.c_str(), "wb");
    if (file == nullptr) return misuse(fmt::format("{}: cannot create: {}", path, std::strerror(errno)));
    return std::unique_ptr<Destination>(new FileDestination(file, path));
}

bool Stream::take(char c) {
    text.push_back(c);
    if (destination) destination->write(c);
    bool satisfied = false;
    for (TextSearch& search : until) satisfied |= search.feed(c);
    for (TextSearch& search : fail) satisfied |= search.feed(c);
    return satisfied;
}

}  // namespace h7::cli
