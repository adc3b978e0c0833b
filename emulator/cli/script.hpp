// A scenario file on the command line: read, carried out with progress on standard error, told as JSON and
// JUnit.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "emulator/scenario/runner.hpp"

namespace h7::cli {

class Script {
public:
    /// Error (misuse): no such file, or a mistake in it.
    static Result<Script> read(const std::string& path);

    const scenario::Scenario& file() const { return file_; }
    /// A path of the file, from where this program was started.
    std::string beside(const std::string& path) const;
    std::vector<std::string> beside(const std::vector<std::string>& paths) const;

    /// `loud`: a line a step on standard error. `between` is asked between turns and may end it.
    void carry_out(scenario::Runner& runner, bool loud, const std::function<bool()>& between);
    /// "test.toml:5:1: expect 'x': .." of the step that failed; "": none did.
    std::string failure() const;
    nlohmann::ordered_json json() const;
    Result<void> write_junit(const std::string& path) const;

private:
    explicit Script(scenario::Scenario file) : file_(std::move(file)) {}

    scenario::Scenario file_;
    std::vector<scenario::Verdict> verdicts_;
};

}  // namespace h7::cli
