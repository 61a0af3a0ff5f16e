// SPDX-License-Identifier: Apache-2.0
// Attaches one program of xdp_filter.bpf.c to an interface and ends; the program stays until the
// interface goes.
//
//   bench_xdp OBJECT PROGRAM native|generic INTERFACE < prefixes
#include <arpa/inet.h>
#include <linux/if_link.h>
#include <net/if.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <iostream>
#include <memory>
#include <string>

#include <fmt/format.h>

namespace {

struct CloseObject {
    void operator()(bpf_object* object) const noexcept { bpf_object__close(object); }
};
using Object = std::unique_ptr<bpf_object, CloseObject>;

/// As xdp_filter.bpf.c has it.
struct Key {
    std::uint32_t length;
    std::uint32_t address;
};

int refuse(const std::string& what) {
    fmt::print(stderr, "bench_xdp: {}: {}\n", what, std::strerror(errno));
    return 1;
}

/// "192.0.2.0/24"
bool read_key(const std::string& line, Key& key) {
    const auto slash = line.find('/');
    if (slash == std::string::npos) return false;
    const auto* end = line.data() + line.size();
    return inet_pton(AF_INET, line.substr(0, slash).c_str(), &key.address) == 1 &&
           std::from_chars(line.data() + slash + 1, end, key.length).ptr == end && key.length <= 32;
}

/// Returns 0, or 1 with a word on standard error.
int fill(int map) {
    std::string line;
    while (std::getline(std::cin, line)) {
        Key key{};
        const std::uint8_t listed = 1;
        if (!read_key(line, key)) {
            fmt::print(stderr, "bench_xdp: '{}' is no IPv4 prefix\n", line);
            return 1;
        }
        if (bpf_map_update_elem(map, &key, &listed, BPF_ANY) != 0) return refuse("map: " + line);
    }
    return 0;
}

int attach(const char* path, const char* name, bool native, const char* interface) {
    const auto index = static_cast<int>(if_nametoindex(interface));
    if (index == 0) return refuse(interface);
    const Object object(bpf_object__open(path));
    if (!object) return refuse(path);
    if (bpf_object__load(object.get()) != 0)
        return refuse("the kernel does not load " + std::string(path));
    const auto* program = bpf_object__find_program_by_name(object.get(), name);
    const auto* map = bpf_object__find_map_by_name(object.get(), "listed");
    if (program == nullptr || map == nullptr) return refuse(name);
    if (fill(bpf_map__fd(map)) != 0) return 1;
    const auto mode = native ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE;
    if (bpf_xdp_attach(index, bpf_program__fd(program), mode, nullptr) != 0)
        return refuse("the kernel does not attach " + std::string(name) + " to " + interface);
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 5) {
        fmt::print(stderr, "usage: bench_xdp OBJECT PROGRAM native|generic INTERFACE < prefixes\n");
        return 2;
    }
    return attach(argv[1], argv[2], std::strcmp(argv[3], "native") == 0, argv[4]);
}
