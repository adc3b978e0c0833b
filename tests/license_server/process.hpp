// A license server that can be killed, for tests.
#pragma once

#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>

#include <array>
#include <csignal>
#include <string>
#include <vector>

#include "tests/unit/rss/license_server/vault.hpp"

extern char** environ;

namespace h7::license_server::test {

/// `h7rss license serve` as a process of its own.
class Process {
public:
    /// `more`: "NAME=value", added to the environment.
    explicit Process(const Folder& folder, const std::vector<std::string>& more = {}) {
        std::array<int, 2> pipe{};
        EXPECT_EQ(::pipe(pipe.data()), 0);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, pipe[1], 1);
        posix_spawn_file_actions_addclose(&actions, pipe[0]);
        std::string program = H7RSS_BINARY, license = "license", serve = "serve",
                    file = folder.at("server.toml").string();
        std::array<char*, 5> arguments{program.data(), license.data(), serve.data(), file.data(), nullptr};
        std::vector<char*> environment;
        for (char** variable = environ; *variable != nullptr; ++variable) environment.push_back(*variable);
        for (const std::string& variable : more) environment.push_back(const_cast<char*>(variable.c_str()));
        environment.push_back(nullptr);
        EXPECT_EQ(
            posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments.data(), environment.data()), 0);
        posix_spawn_file_actions_destroy(&actions);
        ::close(pipe[1]);
        std::string line;
        for (char c = 0; ::read(pipe[0], &c, 1) == 1 && c != '\n';) line += c;
        ::close(pipe[0]);
        const std::string before = "127.0.0.1:";
        if (const std::size_t at = line.find(before); at != std::string::npos)
            port_ = std::stoi(line.substr(at + before.size()));
    }
    ~Process() { end(SIGKILL); }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    int port() const { return port_; }
    int end(int signal) {
        int status = 0;
        if (pid_ > 0) {
            ::kill(pid_, signal);
            ::waitpid(pid_, &status, 0);
        }
        pid_ = -1;
        return status;
    }

private:
    pid_t pid_ = -1;
    int port_ = 0;
};

}  // namespace h7::license_server::test
