// Bad input: each case is one line that names file, place and reason, the right exit code, and nothing
// changed on disk.
#include "command.hpp"

namespace h7::test {
namespace {

class BadInput : public CommandLine {};

TEST_F(BadInput, Misuse) {
    refuses({}, 2, {"--help"});
    refuses({"frobnicate"}, 2, {"frobnicate"});
    refuses({"chip"}, 2, {"h7rss chip --help"});
    refuses({"chip", "show"}, 2, {"chip", "h7rss chip show --help"});
    refuses({"chip", "show", "a.h7", "--frobnicate"}, 2, {"--frobnicate"});
    refuses({"chip", "new", "a.h7", "--seed", "seven"}, 2, {"--seed"});
    refuses({"chip", "new", "a.h7", "--part", "STM32F407"}, 2, {"STM32F407", "STM32H755"});
}

TEST_F(BadInput, ChipFileThatIsMissing) {
    for (const char* verb : {"show", "certificate", "reset"})
        refuses({"chip", verb, "none.h7"}, 2, {"none.h7", "No such file"});
    refuses({"chip", "copy", "none.h7", "b.h7"}, 2, {"none.h7", "No such file"});
    refuses({"ob", "show", "none.h7"}, 2, {"none.h7", "No such file"});
}

TEST_F(BadInput, ChipFileThatIsNone) {
    write("text.h7", "this is no chip\n");
    write("empty.h7", "");
    for (const char* name : {"text.h7", "empty.h7"})
        for (const char* verb : {"show", "certificate", "reset"})
            refuses({"chip", verb, name}, 2, {name, "not a chip file"});
    refuses({"chip", "show", "."}, 2, {".", "not a chip file"});
}

TEST_F(BadInput, ChipFileOfANewerVersion) {
    works({"chip", "new", "a.h7"});
    Bytes bytes = read("a.h7");
    bytes[63] = 2;  // PRAGMA user_version lives at bytes 60-63 of an SQLite file
    write("a.h7", bytes);
    refuses({"chip", "show", "a.h7"}, 2, {"a.h7: chip file of version 2"});
}

TEST_F(BadInput, ChipFileCutShort) {
    works({"chip", "new", "a.h7"});
    const Bytes whole = read("a.h7");
    for (const std::size_t size :
         {whole.size() - 1, whole.size() - 4096, whole.size() / 2, std::size_t{100}}) {
        write("cut.h7", ByteView(whole).first(size));
        refuses({"chip", "show", "cut.h7"}, 2, {"cut.h7"});
        refuses({"chip", "reset", "cut.h7"}, 2, {"cut.h7"});
    }
}

TEST_F(BadInput, ChipFileThatExistsIsNeverReplaced) {
    works({"chip", "new", "a.h7"});
    refuses({"chip", "new", "a.h7"}, 2, {"a.h7: exists already"});
    refuses({"chip", "new", "no/such/dir.h7"}, 2, {"no/such/dir.h7", "cannot create"});
}

TEST_F(BadInput, CertificateAuthorityKey) {
    write("ca.bin", Bytes(31, 1));
    refuses({"chip", "new", "a.h7", "--ca", "ca.bin"}, 2, {"ca.bin: no CA key"});
    refuses({"chip", "new", "a.h7", "--ca", "none.bin"}, 2, {"none.bin: cannot open"});
}

}  // namespace
}  // namespace h7::test
