# SPDX-License-Identifier: Apache-2.0
# Every library comes from a Debian 12 package; its headers are SYSTEM headers.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(tl-expected REQUIRED)
find_package(Protobuf REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)

pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(ARCHIVE REQUIRED IMPORTED_TARGET libarchive)
pkg_check_modules(TOMLPLUSPLUS REQUIRED IMPORTED_TARGET tomlplusplus)
pkg_check_modules(CARES REQUIRED IMPORTED_TARGET libcares)
pkg_check_modules(ZMQ REQUIRED IMPORTED_TARGET libzmq)
pkg_check_modules(NFTNL REQUIRED IMPORTED_TARGET libnftnl libmnl)
pkg_check_modules(DPDK REQUIRED IMPORTED_TARGET libdpdk)
# DPDK wants rte_config.h in front of everything, and so does a precompiled header: g++ quietly leaves one
# aside that is not the first it is told to include. Where there is one, rte_config.h is its first line;
# see sweepgate_precompile_dpdk().
get_target_property(options PkgConfig::DPDK INTERFACE_COMPILE_OPTIONS)
string(REPLACE "-include;rte_config.h" "" options "${options}")
set_target_properties(PkgConfig::DPDK PROPERTIES INTERFACE_COMPILE_OPTIONS
    "${options};$<$<NOT:$<BOOL:$<TARGET_PROPERTY:RTE_CONFIG_PRECOMPILED>>>:SHELL:-include rte_config.h>")
unset(options)

# How the gate's own programs link DPDK. Its drivers and pools call each other for every packet; as
# shared libraries they do so through the PLT and __tls_get_addr, which costs a tenth of the rate.
# A driver that comes as a plugin needs shared libraries: OFF.
option(SWEEPGATE_STATIC_DPDK "Link the gate with DPDK's static libraries, drivers included" ON)
add_library(sweepgate_program_dpdk INTERFACE)
if(SWEEPGATE_STATIC_DPDK)
    # pkg-config lists the shared libraries behind the static ones. In front of everything else, so
    # that --as-needed finds nothing left for them to do.
    list(JOIN DPDK_STATIC_LDFLAGS " " flags)
    target_link_options(sweepgate_program_dpdk INTERFACE "SHELL:${flags}")
    unset(flags)
endif()
pkg_check_modules(BPF REQUIRED IMPORTED_TARGET libbpf)
pkg_check_modules(SYSTEMD REQUIRED IMPORTED_TARGET libsystemd)
pkg_check_modules(CAPNG REQUIRED IMPORTED_TARGET libcap-ng)
