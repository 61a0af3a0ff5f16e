// SPDX-License-Identifier: Apache-2.0
#include "tests/peers/dns/raw_cares.hpp"

#include <array>
#include <chrono>
#include <cstdlib>
#include <memory>

#define CARES_NO_DEPRECATED
#include <ares.h>
#include <sys/epoll.h>
#include <unistd.h>

namespace sweepgate::test {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kReceiveBuffer = 1 << 20;
constexpr auto kTick = std::chrono::milliseconds(10);

class Sweep {
public:
    Sweep(const std::vector<std::string>& names, const RawOptions& options,
          const std::function<void(const Answer&)>& on_answer)
        : names_(names), options_(options), on_answer_(on_answer) {}

    void run() {
        open();
        std::array<epoll_event, 256> events{};
        for (auto ticked = Clock::now(); done_ < names_.size();) {
            for (; in_flight_ < options_.window && next_ < names_.size(); ++next_) ask(next_);
            const int ready = epoll_wait(epoll_, events.data(), events.size(), 10);
            for (int i = 0; i < ready; ++i) process(events[static_cast<std::size_t>(i)]);
            if (const auto now = Clock::now(); now - ticked >= kTick) {
                ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
                ticked = now;
            }
        }
        ares_destroy(channel_);
        close(epoll_);
    }

private:
    struct Asked {
        Sweep* sweep;
        std::size_t name;
    };

    void open() {
        std::array<char, 2> lookups = {'b', '\0'};
        epoll_ = epoll_create1(EPOLL_CLOEXEC);
        ares_library_init(ARES_LIB_INIT_ALL);
        ares_options options{};
        options.flags =
            ARES_FLAG_STAYOPEN | ARES_FLAG_NOSEARCH | ARES_FLAG_EDNS | ARES_FLAG_NOCHECKRESP;
        options.timeout = options_.timeout_ms;
        options.tries = options_.tries;
        options.ednspsz = 1232;
        options.socket_receive_buffer_size = kReceiveBuffer;
        options.lookups = lookups.data();
        options.sock_state_cb_data = this;
        options.sock_state_cb = [](void* self, ares_socket_t descriptor, int readable,
                                   int writable) {
            static_cast<Sweep*>(self)->watch(descriptor, readable != 0, writable != 0);
        };
        int set = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ |
                  ARES_OPT_SOCK_RCVBUF | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB;
#ifdef ARES_OPT_QUERY_CACHE
        options.qcache_max_ttl = 0;
        set |= ARES_OPT_QUERY_CACHE;
#endif
        std::string servers;
        for (const auto& server : options_.servers)
            servers += (servers.empty() ? "" : ",") + server;
        if (ares_init_options(&channel_, &options, set) != ARES_SUCCESS ||
            ares_set_servers_csv(channel_, servers.c_str()) != ARES_SUCCESS)
            std::abort();
    }

    void watch(int descriptor, bool readable, bool writable) const {
        epoll_event event{};
        event.events = (readable ? EPOLLIN : 0U) | (writable ? EPOLLOUT : 0U);
        event.data.fd = descriptor;
        if (!readable && !writable)
            epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr);
        else if (epoll_ctl(epoll_, EPOLL_CTL_MOD, descriptor, &event) != 0)
            epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event);
    }

    void process(const epoll_event& event) {
        const bool readable = (event.events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0;
        ares_process_fd(channel_, readable ? event.data.fd : ARES_SOCKET_BAD,
                        (event.events & EPOLLOUT) != 0 ? event.data.fd : ARES_SOCKET_BAD);
    }

    void ask(std::size_t name) {
        ++in_flight_;
        ares_query(
            channel_, names_[name].c_str(), 1, 1,
            [](void* token, int status, int, unsigned char* packet, int size) {
                const std::unique_ptr<Asked> asked(static_cast<Asked*>(token));
                asked->sweep->arrived(asked->name, status, packet, size);
            },
            new Asked{this, name});
    }

    void arrived(std::size_t name, int status, const unsigned char* packet, int size) {
        --in_flight_;
        ++done_;
        Answer answer;
        answer.question = {names_[name], RrType::a};
        if (packet != nullptr && size >= 12) read(packet, size, answer);
        if (packet == nullptr && status != ARES_ETIMEOUT) answer.outcome = Outcome::malformed;
        on_answer_(answer);
    }

    void read(const unsigned char* packet, int size, Answer& answer) const {
        const unsigned rcode = packet[3] & 15U;
        answer.outcome = rcode == 0   ? Outcome::answered
                         : rcode == 2 ? Outcome::servfail
                         : rcode == 3 ? Outcome::nxdomain
                         : rcode == 5 ? Outcome::refused
                                      : Outcome::other_rcode;
        if (rcode != 0 || !options_.read_answers) return;
        std::array<ares_addrttl, 128> found{};
        int count = found.size();
        const int status = ares_parse_a_reply(packet, size, nullptr, found.data(), &count);
        if (status != ARES_SUCCESS || count == 0) answer.outcome = Outcome::nodata;
        for (int i = 0; i < count && status == ARES_SUCCESS; ++i)
            answer.addresses.push_back(
                ipv4(ntohl(found[static_cast<std::size_t>(i)].ipaddr.s_addr)));
    }

    const std::vector<std::string>& names_;
    const RawOptions& options_;
    const std::function<void(const Answer&)>& on_answer_;
    ares_channel channel_ = nullptr;
    int epoll_ = -1;
    std::size_t next_ = 0;
    std::size_t done_ = 0;
    std::size_t in_flight_ = 0;
};

} // namespace

void sweep_raw(const std::vector<std::string>& names, const RawOptions& options,
               const std::function<void(const Answer&)>& on_answer) {
    Sweep(names, options, on_answer).run();
}

} // namespace sweepgate::test
