// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/eal.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>

namespace sweepgate::gate {

namespace {

/// Lcore id of main: above every processor number that forwarding may use.
constexpr unsigned kMainLcore = RTE_MAX_LCORE - 1;

std::vector<unsigned> usable_processors() {
    cpu_set_t set;
    CPU_ZERO(&set);
    sched_getaffinity(0, sizeof set, &set);
    std::vector<unsigned> processors;
    for (unsigned i = 0; i < kMainLcore; ++i)
        if (CPU_ISSET(i, &set)) processors.push_back(i);
    return processors;
}

std::string joined(const std::vector<unsigned>& numbers) {
    std::string text;
    for (const auto number : numbers) text += (text.empty() ? "" : ",") + std::to_string(number);
    return text;
}

/// Free hugepages of every size, MB.
std::uint64_t free_hugepages_mb() {
    std::uint64_t kilobytes = 0;
    std::error_code ignored;
    for (const auto& folder :
         std::filesystem::directory_iterator("/sys/kernel/mm/hugepages", ignored)) {
        const auto name = folder.path().filename().string(); // hugepages-2048kB
        std::uint64_t pages = 0;
        std::ifstream(folder.path() / "free_hugepages") >> pages;
        kilobytes += pages * std::strtoull(name.c_str() + name.find('-') + 1, nullptr, 10);
    }
    return kilobytes / 1024;
}

/// An empty folder only: files in it belong to another process of the same prefix.
void remove_runtime_folder() {
    if (const char* folder = rte_eal_get_runtime_dir(); *folder != '\0') rmdir(folder);
}

/// Where main and all threads that it starts may run: where nobody polls. All, where all forward.
std::vector<unsigned> control_processors(const std::vector<unsigned>& lcores) {
    const auto usable = usable_processors();
    auto control = usable;
    std::erase_if(control, [&](unsigned processor) {
        return std::ranges::find(lcores, processor) != lcores.end();
    });
    return control.empty() ? usable : control;
}

} // namespace

Result<std::vector<unsigned>> forwarding_lcores(const std::vector<unsigned>& asked) {
    const auto usable = usable_processors();
    if (usable.empty()) return fail(Errc::unavailable, "no processor may be used");
    if (asked.empty()) return std::vector{usable.back()};
    auto sorted = asked;
    std::sort(sorted.begin(), sorted.end());
    if (const auto twice = std::adjacent_find(sorted.begin(), sorted.end()); twice != sorted.end())
        return fail(Errc::bad_input, "lcore " + std::to_string(*twice) + " is named twice");
    for (const auto lcore : sorted)
        if (!std::binary_search(usable.begin(), usable.end(), lcore))
            return fail(Errc::bad_input,
                        "lcore " + std::to_string(lcore) +
                            " does not exist or may not be used; usable: " + joined(usable));
    return sorted;
}

std::vector<std::string> make_eal_arguments(const EalOptions& options,
                                            const std::vector<unsigned>& lcores,
                                            const std::vector<Device>& devices) {
    std::string map = std::to_string(kMainLcore) + "@(" + joined(control_processors(lcores)) + ")";
    for (const auto lcore : lcores)
        map += "," + std::to_string(lcore) + "@" + std::to_string(lcore);
    const auto prefix =
        options.file_prefix.empty() ? "sweepgate-" + std::to_string(getpid()) : options.file_prefix;
    std::vector<std::string> arguments{
        "--lcores",       map,           "--main-lcore", std::to_string(kMainLcore),
        "--file-prefix",  prefix,        "-m",           std::to_string(options.memory_mb),
        "--no-telemetry", "--log-level", "lib.*:warning"};
    // EAL takes --no-huge for legacy memory, which --in-memory excludes: there, --no-shconf
    // leaves no file behind.
    if (options.hugepages)
        arguments.emplace_back("--in-memory");
    else
        arguments.insert(arguments.end(), {"--no-huge", "--no-shconf"});
    bool any_pci = false;
    for (const auto& device : devices) {
        if (!device.is_pci) continue;
        any_pci = true;
        arguments.insert(arguments.end(), {"-a", device.name});
    }
    if (!any_pci) arguments.emplace_back("--no-pci");
    return arguments;
}

Status check_hugepages(unsigned memory_mb) {
    const auto free_mb = free_hugepages_mb();
    if (free_mb >= memory_mb) return {};
    return fail(Errc::unavailable,
                "hugepages: " + std::to_string(free_mb) + " MB are free, " +
                    std::to_string(memory_mb) +
                    " MB are needed; reserve them (dpdk-hugepages.py --reserve " +
                    std::to_string(memory_mb) + "M) or start with --no-huge");
}

Result<Environment> Environment::start(const std::vector<std::string>& arguments) {
    static std::atomic<bool> started{false};
    if (started.exchange(true))
        return fail(Errc::conflict, "EAL was started in this process before");
    // EAL keeps pointers to what it is given: the strings live as long as the process.
    static std::vector<std::string> kept;
    // The telemetry socket goes when the process ends, and only then its folder can. DPDK orders
    // its removal later than this, so it comes first.
    if (std::ranges::find(arguments, "--no-telemetry") == arguments.end())
        std::atexit(remove_runtime_folder);
    kept.emplace_back("sweepgate-dataplane");
    for (const auto& argument : arguments) kept.push_back(argument);
    static std::vector<char*> pointers;
    for (auto& argument : kept) pointers.push_back(argument.data());
    if (rte_eal_init(static_cast<int>(pointers.size()), pointers.data()) >= 0) return Environment();

    const std::string why = rte_strerror(rte_errno);
    remove_runtime_folder();
    std::string said;
    for (const auto& argument : arguments) said += " " + argument;
    return fail(Errc::unavailable, "DPDK does not start (" + why + "); it was told:" + said);
}

Environment::Environment(Environment&& other) noexcept
    : running_(std::exchange(other.running_, false)) {}

Environment::~Environment() {
    if (!running_) return;
    rte_eal_cleanup();
    remove_runtime_folder();
}

} // namespace sweepgate::gate
