// SPDX-License-Identifier: Apache-2.0
#include "tests/peers/dns/raw_cares.hpp"

#include <array>
#include <chrono>
#include <cstdlib>
#include <span>
#include <utility>

#define CARES_NO_DEPRECATED
#include <ares.h>
#include <sys/epoll.h>
#include <unistd.h>

namespace sweepgate::test {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kReceiveBuffer = 4 << 20;
constexpr auto kTick = std::chrono::milliseconds(10);
constexpr std::array kLayers = {250, 500, 1000, 2000}; // ms
constexpr std::size_t kChannelsOfALayer = 4;           // asked in turn, at the servers in turn

class Sweep {
public:
    Sweep(const std::vector<std::string>& names, const RawOptions& options,
          const std::function<void(const RawResult&)>& on_result)
        : names_(names), options_(options), on_result_(on_result),
          channels_(options.layered ? kLayers.size() * kChannelsOfALayer : 1) {}

    void run() {
        open();
        std::array<epoll_event, 256> events{};
        for (auto ticked = Clock::now(); done_ < names_.size();) {
            for (auto* asked : std::exchange(again_, {})) send(*asked);
            for (; in_window_ < options_.window && next_ < names_.size(); ++next_) ask(next_);
            const int ready = epoll_wait(epoll_, events.data(), events.size(), 10);
            for (int i = 0; i < ready; ++i) process(events[static_cast<std::size_t>(i)]);
            if (const auto now = Clock::now(); now - ticked >= kTick) {
                for (auto& channel : channels_)
                    ares_process_fd(channel.raw, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
                ticked = now;
            }
        }
        for (auto& channel : channels_) ares_destroy(channel.raw);
        close(epoll_);
    }

private:
    struct Channel {
        Sweep* sweep = nullptr;
        ares_channel raw = nullptr;
        std::uint64_t number = 0;
    };
    struct Asked {
        Sweep* sweep;
        std::size_t name;
        std::size_t layer = 0;
    };

    void open() {
        epoll_ = epoll_create1(EPOLL_CLOEXEC);
        ares_library_init(ARES_LIB_INIT_ALL);
        for (std::size_t i = 0; i < channels_.size(); ++i) {
            channels_[i].sweep = this;
            channels_[i].number = i;
            open(channels_[i]);
        }
    }

    void open(Channel& channel) const {
        const auto layer = channel.number / kChannelsOfALayer;
        std::array<char, 2> lookups = {'b', '\0'};
        ares_options options{};
        options.flags =
            ARES_FLAG_STAYOPEN | ARES_FLAG_NOSEARCH | ARES_FLAG_EDNS | ARES_FLAG_NOCHECKRESP;
        options.timeout = options_.layered ? kLayers[layer] : options_.timeout_ms;
        options.tries = options_.layered ? 1 : options_.tries;
        options.ednspsz = 1232;
        options.socket_receive_buffer_size = kReceiveBuffer;
        options.lookups = lookups.data();
        options.sock_state_cb_data = &channel;
        options.sock_state_cb = [](void* self, ares_socket_t descriptor, int readable,
                                   int writable) {
            watch(*static_cast<Channel*>(self), descriptor, readable != 0, writable != 0);
        };
        int set = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ |
                  ARES_OPT_SOCK_RCVBUF | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB;
#ifdef ARES_OPT_QUERY_CACHE
        options.qcache_max_ttl = 0;
        set |= ARES_OPT_QUERY_CACHE;
#endif
        std::string servers;
        const auto& known = options_.servers;
        if (options_.layered)
            servers = known[(channel.number + layer) % known.size()];
        else
            for (const auto& server : known) servers += (servers.empty() ? "" : ",") + server;
        if (ares_init_options(&channel.raw, &options, set) != ARES_SUCCESS ||
            ares_set_servers_csv(channel.raw, servers.c_str()) != ARES_SUCCESS)
            std::abort();
    }

    static void watch(const Channel& channel, int descriptor, bool readable, bool writable) {
        const int epoll = channel.sweep->epoll_;
        epoll_event event{};
        event.events = (readable ? EPOLLIN : 0U) | (writable ? EPOLLOUT : 0U);
        event.data.u64 = channel.number << 32U | static_cast<std::uint32_t>(descriptor);
        if (!readable && !writable)
            epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, nullptr);
        else if (epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event) != 0)
            epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
    }

    void process(const epoll_event& event) {
        const bool readable = (event.events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0;
        const auto descriptor = static_cast<int>(event.data.u64 & 0xFFFFFFFFU);
        ares_process_fd(channels_[event.data.u64 >> 32U].raw,
                        readable ? descriptor : ARES_SOCKET_BAD,
                        (event.events & EPOLLOUT) != 0 ? descriptor : ARES_SOCKET_BAD);
    }

    void ask(std::size_t name) {
        ++in_window_;
        send(*new Asked{this, name});
    }

    void send(Asked& asked) {
        const auto channel =
            options_.layered ? asked.layer * kChannelsOfALayer + asked.name % kChannelsOfALayer : 0;
        ares_query(
            channels_[channel].raw, names_[asked.name].c_str(), 1, 1,
            [](void* token, int, int, unsigned char* packet, int size) {
                auto& arriving = *static_cast<Asked*>(token);
                const auto octets = packet == nullptr ? 0U : static_cast<std::size_t>(size);
                arriving.sweep->arrived(arriving, std::span(packet, octets));
            },
            &asked);
    }

    void arrived(Asked& asked, std::span<const std::uint8_t> packet) {
        const bool answered = packet.size() >= 12;
        if (asked.layer == 0) --in_window_;
        const bool failed = !answered || (packet[3] & 15U) == 2;
        if (options_.layered && failed && asked.layer + 1 < kLayers.size()) {
            ++asked.layer;
            again_.push_back(&asked);
            return;
        }
        ++done_;
        RawResult result{names_[asked.name], answered, false, {}};
        if (answered) result.understood = read_raw(packet, result.name, result.answer);
        delete &asked;
        on_result_(result);
    }

    const std::vector<std::string>& names_;
    const RawOptions& options_;
    const std::function<void(const RawResult&)>& on_result_;
    std::vector<Channel> channels_;
    std::vector<Asked*> again_; // not sent from inside c-ares
    int epoll_ = -1;
    std::size_t next_ = 0;
    std::size_t done_ = 0;
    std::size_t in_window_ = 0;
};

} // namespace

void sweep_raw(const std::vector<std::string>& names, const RawOptions& options,
               const std::function<void(const RawResult&)>& on_result) {
    Sweep(names, options, on_result).run();
}

} // namespace sweepgate::test
