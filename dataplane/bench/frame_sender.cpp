// SPDX-License-Identifier: Apache-2.0
// Sends a capture's frames over and over through a kernel interface, as fast as one processor can:
// a ring shared with the kernel (packet(7), PACKET_TX_RING), past the queueing discipline. What the
// other end of a veth does with them runs on this same processor, within the call that sends, so
// the time of a frame is the time of its whole way.
//
//   bench_sender INTERFACE CAPTURE MILLISECONDS PROCESSOR    prints {"sent": n, "seconds": s}
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "controlplane/model/result.hpp"

namespace {

using namespace sweepgate;
using std::chrono::steady_clock;
using Frame = std::vector<char>;

constexpr unsigned kSlotBytes = 256;
constexpr unsigned kBlockBytes = 1U << 16U;
/// Where a slot's frame begins: TPACKET2_HDRLEN without the address behind the header.
constexpr std::size_t kFrameBegin =
    (sizeof(tpacket2_hdr) + TPACKET_ALIGNMENT - 1) & ~std::size_t{TPACKET_ALIGNMENT - 1};

tl::unexpected<Error> refused(const std::string& what) {
    return fail(Errc::unavailable, what + ": " + errno_text(errno));
}

/// The first `most` of a capture that bench_gate wrote.
std::vector<Frame> read_frames(const char* path, std::size_t most) {
    std::vector<Frame> frames;
    std::ifstream file(path, std::ios::binary);
    file.ignore(24);
    std::uint32_t record[4];
    while (frames.size() < most && file.read(reinterpret_cast<char*>(record), sizeof record)) {
        if (record[2] > kSlotBytes - kFrameBegin) break;
        file.read(frames.emplace_back(record[2]).data(), record[2]);
    }
    return frames;
}

/// The socket and its ring, one frame a slot.
class Ring {
public:
    explicit Ring(std::size_t slots) : slots_(slots) {}
    Ring(const Ring&) = delete;
    Ring& operator=(const Ring&) = delete;
    ~Ring() {
        if (memory_ != MAP_FAILED) munmap(memory_, slots_ * kSlotBytes);
        if (socket_ >= 0) close(socket_);
    }

    Status open(const char* interface);
    void put(std::size_t slot, const Frame& frame) {
        auto* at = begin(slot);
        std::memcpy(at + kFrameBegin, frame.data(), frame.size());
        header(slot).tp_len = static_cast<std::uint32_t>(frame.size());
    }
    /// All slots once. Returns false when the kernel does not take them.
    bool send() {
        for (std::size_t i = 0; i < slots_; ++i)
            std::atomic_ref(header(i).tp_status)
                .store(TP_STATUS_SEND_REQUEST, std::memory_order_release);
        return ::send(socket_, nullptr, 0, 0) >= 0;
    }

private:
    char* begin(std::size_t slot) { return static_cast<char*>(memory_) + slot * kSlotBytes; }
    tpacket2_hdr& header(std::size_t slot) { return *reinterpret_cast<tpacket2_hdr*>(begin(slot)); }

    std::size_t slots_;
    int socket_ = -1;
    void* memory_ = MAP_FAILED;
};

Status Ring::open(const char* interface) {
    socket_ = socket(AF_PACKET, SOCK_RAW, 0); // 0: receives nothing
    if (socket_ < 0) return refused("socket");
    const int version = TPACKET_V2;
    const int bypass = 1;
    const tpacket_req request{kBlockBytes, static_cast<unsigned>(slots_ * kSlotBytes / kBlockBytes),
                              kSlotBytes, static_cast<unsigned>(slots_)};
    if (setsockopt(socket_, SOL_PACKET, PACKET_VERSION, &version, sizeof version) != 0 ||
        setsockopt(socket_, SOL_PACKET, PACKET_QDISC_BYPASS, &bypass, sizeof bypass) != 0 ||
        setsockopt(socket_, SOL_PACKET, PACKET_TX_RING, &request, sizeof request) != 0)
        return refused("ring");
    memory_ = mmap(nullptr, slots_ * kSlotBytes, PROT_READ | PROT_WRITE, MAP_SHARED, socket_, 0);
    if (memory_ == MAP_FAILED) return refused("mmap");
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_ifindex = static_cast<int>(if_nametoindex(interface));
    if (address.sll_ifindex == 0) return refused(interface);
    if (bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return refused("bind");
    return {};
}

Status stay_on(unsigned processor) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    return sched_setaffinity(0, sizeof set, &set) == 0
               ? Status{}
               : refused("processor " + std::to_string(processor));
}

Status run(const char* interface, const char* capture, std::chrono::milliseconds time,
           unsigned processor) {
    constexpr std::size_t kSlots = 4096;
    const auto frames = read_frames(capture, kSlots);
    if (frames.size() != kSlots)
        return fail(Errc::bad_input, std::string(capture) + ": not 4096 short frames");
    if (auto ok = stay_on(processor); !ok) return ok;
    Ring ring(kSlots);
    if (auto ok = ring.open(interface); !ok) return ok;
    for (std::size_t i = 0; i < kSlots; ++i) ring.put(i, frames[i]);
    if (!ring.send()) return refused("send"); // the first round fills caches and neighbour tables
    std::uint64_t rounds = 0;
    const auto began = steady_clock::now();
    while (steady_clock::now() - began < time) {
        if (!ring.send()) return refused("send");
        ++rounds;
    }
    const std::chrono::duration<double> took = steady_clock::now() - began;
    fmt::print("{{\"sent\": {}, \"seconds\": {}}}\n", rounds * kSlots, took.count());
    return {};
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 5) {
        fmt::print(stderr, "usage: bench_sender INTERFACE CAPTURE MILLISECONDS PROCESSOR\n");
        return 2;
    }
    const std::chrono::milliseconds time(std::strtoul(argv[3], nullptr, 10));
    const auto ok =
        run(argv[1], argv[2], time, static_cast<unsigned>(std::strtoul(argv[4], nullptr, 10)));
    if (!ok) fmt::print(stderr, "bench_sender: {}\n", ok.error().what);
    return ok ? 0 : 1;
}
