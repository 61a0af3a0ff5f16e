// SPDX-License-Identifier: Apache-2.0
// A /sys and /proc of a test's own making, below a temporary folder.
#pragma once

#include <string>

#include "boards/preflight.hpp"

class MadeUpMachine {
public:
    /// Four processors, 3 isolated; 256 free 2 MB hugepages; interfaces lo, eth0 (default route)
    /// and eth1.
    MadeUpMachine();
    MadeUpMachine(const MadeUpMachine&) = delete;
    MadeUpMachine& operator=(const MadeUpMachine&) = delete;
    ~MadeUpMachine();

    [[nodiscard]] const sweepgate::boards::SysPaths& paths() const { return paths_; }

    void write(const std::string& path, const std::string& text) const;
    void link(const std::string& path, const std::string& target) const;
    /// A PCI NIC with an INTx pin and no driver, id "8086:1533".
    void add_pci(const std::string& address, const std::string& id) const;
    void bind(const std::string& address, const std::string& driver) const;
    void put_in_group(const std::string& address, const std::string& group) const;
    void take_interrupt_pin(const std::string& address) const;
    void add_interface(const std::string& address, const std::string& name) const;
    void lock_down() const;

private:
    sweepgate::boards::SysPaths paths_;
};
