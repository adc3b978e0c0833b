// The API on a socket: HTTP or HTTPS by cpp-httplib, with limits on size, time and connections.
#pragma once

#include "rss/host/license_server/api.hpp"

namespace h7::license_server {

class Http {
public:
    /// Listens and serves in threads of its own. Errors (misuse): the address is taken or not ours; a TLS
    /// file is wrong.
    static Result<std::unique_ptr<Http>> start(const Listen& listen, Api& api, Metrics& metrics);
    /// Takes no new connection, answers what has arrived, ends. What is only half here is dropped.
    ~Http();
    Http(const Http&) = delete;
    Http& operator=(const Http&) = delete;

    std::uint16_t port() const;
    /// False when serving ended by itself.
    bool running() const;

private:
    struct Impl;
    explicit Http(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace h7::license_server
