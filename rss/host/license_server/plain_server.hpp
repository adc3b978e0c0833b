// cpp-httplib's server with its own loop for one connection without TLS. The library's loop asks poll()
// before each read and write, sends head and body of an answer by themselves, and sleeps between requests.
#pragma once

#include <httplib.h>

#include <array>
#include <string>

namespace h7::license_server {

/// The connection of one client as the library reads and writes it. Blocks; read and write give up after the
/// socket's own time limits.
class PlainStream final : public httplib::Stream {
public:
    explicit PlainStream(socket_t socket);

    /// Waits for the first byte of the next request. False: the client went away, was silent for too long, or
    /// reading was ended.
    bool wait_for_request();
    /// Everything written so far is on its way. False: the client went away.
    bool flush();

    bool is_readable() const override { return true; }
    bool is_writable() const override { return true; }
    ssize_t read(char* to, size_t size) override;
    /// The head of an answer waits for its body: both leave together.
    ssize_t write(const char* from, size_t size) override;
    void get_remote_ip_and_port(std::string& ip, int& port) const override;
    void get_local_ip_and_port(std::string& ip, int& port) const override;
    socket_t socket() const override { return socket_; }

private:
    struct End {
        std::string ip;
        int port = 0;
    };
    static End end_of(socket_t socket, int (*name)(int, sockaddr*, socklen_t*));
    bool fill();

    socket_t socket_;
    End remote_, local_;
    std::array<char, 4096> input_;
    std::size_t next_ = 0, end_ = 0;  // what of input_ is not read yet
    std::string output_;
};

class PlainServer : public httplib::Server {
private:
    bool process_and_close_socket(socket_t sock) override;
};

}  // namespace h7::license_server
