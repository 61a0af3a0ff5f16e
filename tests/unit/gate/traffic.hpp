// SPDX-License-Identifier: Apache-2.0
// Traffic for a gate on DPDK's software ports, and what became of it.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "dataplane/gate/gate.hpp"

#include <CppUTest/TestHarness.h>

namespace sweepgate::gate {

inline void write_capture(const std::string& path,
                          const std::vector<std::vector<std::uint8_t>>& frames) {
    std::ofstream file(path, std::ios::binary);
    const auto put = [&file](const auto& words) {
        file.write(reinterpret_cast<const char*>(words.data()), sizeof words);
    };
    put(std::array<std::uint32_t, 6>{0xA1B2C3D4U, 2U | 4U << 16U, 0, 0, 65535, 1});
    for (const auto& frame : frames) {
        const auto size = static_cast<std::uint32_t>(frame.size());
        put(std::array<std::uint32_t, 4>{0, 0, size, size});
        file.write(reinterpret_cast<const char*>(frame.data()), size);
    }
}

/// Frames of a capture that write_capture() could have written.
inline std::vector<std::vector<std::uint8_t>> read_capture(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    const std::vector<std::uint8_t> all{std::istreambuf_iterator<char>(file), {}};
    std::vector<std::vector<std::uint8_t>> frames;
    for (std::size_t at = 24; at + 16 <= all.size();) {
        const auto size = static_cast<std::size_t>(all[at + 8] | all[at + 9] << 8U);
        at += 16;
        const auto* first = all.data() + at;
        frames.emplace_back(first, first + std::min(size, all.size() - at));
        at += size;
    }
    return frames;
}

inline std::uint64_t counter(const GateReport& report, std::string_view name) {
    for (const auto& item : report.counters)
        if (item.name == name) return item.packets;
    return ~std::uint64_t{0};
}

/// Waits until the counter has come so far, so that the test does not depend on time.
inline void wait_for(const Gate& gate, std::string_view name, std::uint64_t packets) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (counter(gate.report(""), name) < packets) {
        CHECK_TRUE(std::chrono::steady_clock::now() < deadline);
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}
/// Waits until the counter has moved.
inline void wait_for_more(const Gate& gate, std::string_view name) {
    wait_for(gate, name, counter(gate.report(""), name) + 1);
}

} // namespace sweepgate::gate
