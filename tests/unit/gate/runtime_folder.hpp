// SPDX-License-Identifier: Apache-2.0
// A folder of the test's own for what EAL leaves on disk while it runs.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace sweepgate::gate {

class RuntimeFolder {
public:
    RuntimeFolder() {
        std::filesystem::create_directories(path_);
        setenv("RUNTIME_DIRECTORY", path_.c_str(), 1);
    }
    RuntimeFolder(const RuntimeFolder&) = delete;
    RuntimeFolder& operator=(const RuntimeFolder&) = delete;
    ~RuntimeFolder() { std::filesystem::remove_all(path_); }

    /// Folders of EAL instances; -1 when EAL was never here.
    [[nodiscard]] long instances() const {
        const auto dpdk = path_ / "dpdk";
        if (!std::filesystem::exists(dpdk)) return -1;
        return std::distance(std::filesystem::directory_iterator(dpdk), {});
    }
    [[nodiscard]] std::filesystem::path file(const char* name) const { return path_ / name; }

private:
    std::filesystem::path path_ =
        std::filesystem::temp_directory_path() / ("sweepgate-unit-" + std::to_string(getpid()));
};

} // namespace sweepgate::gate
