// SPDX-License-Identifier: Apache-2.0
// What a running process may do, from proc(5).
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

namespace sweepgate::wire::testing {

/// Lines of /proc/<pid>/status that say what it may do, of each of its threads.
struct Rights {
    std::set<std::string> effective, permitted, inheritable, bounding, ambient, no_new_privileges;
};

inline Rights rights_of(pid_t process) {
    Rights rights;
    const std::string tasks = "/proc/" + std::to_string(process) + "/task";
    for (const auto& task : std::filesystem::directory_iterator(tasks)) {
        std::ifstream status(task.path() / "status");
        std::string key;
        for (std::string value; status >> key && std::getline(status, value);) {
            value.erase(0, value.find_first_not_of(" \t"));
            if (key == "CapEff:") rights.effective.insert(value);
            if (key == "CapPrm:") rights.permitted.insert(value);
            if (key == "CapInh:") rights.inheritable.insert(value);
            if (key == "CapBnd:") rights.bounding.insert(value);
            if (key == "CapAmb:") rights.ambient.insert(value);
            if (key == "NoNewPrivs:") rights.no_new_privileges.insert(value);
        }
    }
    return rights;
}

inline const std::set<std::string> kNothing{"0000000000000000"};
inline const std::set<std::string> kNetAdmin{"0000000000001000"}; // 1 << CAP_NET_ADMIN

inline pid_t only_child_of(pid_t process) {
    const auto id = std::to_string(process);
    std::ifstream children("/proc/" + id + "/task/" + id + "/children");
    pid_t child = 0;
    children >> child;
    return child;
}

} // namespace sweepgate::wire::testing
