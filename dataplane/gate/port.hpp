// SPDX-License-Identifier: Apache-2.0
// One DPDK port with one receive and one transmit queue, promiscuous, VLAN tags untouched.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <rte_mempool.h>

#include "controlplane/model/result.hpp"
#include "dataplane/gate/device.hpp"

namespace sweepgate::gate {

struct FreePool {
    void operator()(rte_mempool* pool) const noexcept { rte_mempool_free(pool); }
};
using Pool = std::unique_ptr<rte_mempool, FreePool>;

/// Buffers of 2 kB, as many as `ports` ports and what is in flight between them need.
[[nodiscard]] Result<Pool> make_pool(std::size_t ports);

class Port {
public:
    /// Finds the device, or creates it when it is a virtual one, and sets up its queues.
    /// Errors: not_found, unavailable; each names the port as the operator wrote it.
    [[nodiscard]] static Result<Port> open(const Device& device, rte_mempool& pool);
    Port(Port&& other) noexcept;
    Port& operator=(Port&&) = delete;
    ~Port(); // stops and closes

    /// From here on it receives. Errors: unavailable.
    [[nodiscard]] Status start() const;

    [[nodiscard]] std::uint16_t id() const { return id_; }
    [[nodiscard]] const std::string& name() const { return name_; }

private:
    Port(std::uint16_t id, std::string name) : id_(id), name_(std::move(name)) {}
    [[nodiscard]] Status configure(rte_mempool& pool) const;

    std::uint16_t id_;
    std::string name_;
    bool open_ = true;
};

} // namespace sweepgate::gate
