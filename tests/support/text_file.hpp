// Pages of the manual that a test reads.
#pragma once

#include <fstream>
#include <string>

namespace h7::test {

/// The lines of a text file between two lines that begin so.
inline std::string lines_between(const std::string& path, const std::string& first, const std::string& last) {
    std::ifstream in(path);
    std::string text, line;
    bool inside = false;
    while (std::getline(in, line)) {
        if (inside && line.starts_with(last)) break;
        if (inside) text += line + "\n";
        inside = inside || line.starts_with(first);
    }
    return text;
}

}  // namespace h7::test
