// SPDX-License-Identifier: Apache-2.0
// Three network namespaces in a row: client - router - sink, joined by veth pairs.
//
//   client 100.127.255.249/30  <-> .250 router .253/30 <-> .254/30 sink
//   client fd73:9:1::2/64      <-> ::1  router fd73:9:2::1/64 <-> ::2 sink
//
// Every other address lies behind the sink. Neighbours are static, reverse path filters are off,
// the router forwards what it can. The namespaces have no name: the kernel removes them with
// everything in them when the process ends, however it ends.
//
// Packets that a Linux router never forwards, whatever its rules: IPv4 from 0.0.0.0/8,
// 224.0.0.0/4 or 255.255.255.255, to 0.0.0.0/8, 224.0.0.0/4 or 255.255.255.255; IPv6 from or to
// ::, ::1, fe80::/10, ff00::/8; TTL or hop limit 1 or less; a wrong IPv4 header checksum; a
// total length beyond the frame; and the link addresses above are its own or its neighbours'.
#pragma once

#include <functional>
#include <string>

#include "controlplane/model/result.hpp"

namespace sweepgate::lab {

class Namespace {
public:
    [[nodiscard]] static Result<Namespace> create();
    Namespace(Namespace&& other) noexcept;
    Namespace& operator=(Namespace&& other) noexcept;
    ~Namespace();

    /// Runs `work` in a thread of its own inside the namespace; what it opens stays there.
    void inside(const std::function<void()>& work) const;
    /// Feeds `lines` to `ip -batch`.
    [[nodiscard]] Status ip(const std::string& lines) const;
    /// The output of a shell command, or its failure.
    [[nodiscard]] Result<std::string> shell(const std::string& command) const;
    /// Writes /proc/sys/net/`key`; keys that this kernel lacks are passed over.
    void set(const std::string& key, const std::string& value) const;
    [[nodiscard]] std::string path() const; // of the namespace file, for `ip link ... netns`

private:
    explicit Namespace(int handle) : handle_(handle) {}
    int handle_ = -1;
};

struct Network {
    Namespace client, router, sink;

    [[nodiscard]] static Result<Network> create();
};

} // namespace sweepgate::lab
