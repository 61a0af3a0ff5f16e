# SPDX-License-Identifier: Apache-2.0
# The standard library's headers are more than half of what the compiler reads for most of our files.
# A build without this proves that each file includes what it needs: the fuzz targets' is one.
option(SWEEPGATE_PRECOMPILE "Precompile the standard library's headers" ON)

set(SWEEPGATE_STANDARD_HEADERS
    <algorithm> <array> <atomic> <chrono> <filesystem> <fstream> <functional> <map> <memory> <mutex> <optional>
    <random> <set> <span> <sstream> <string> <string_view> <thread> <unordered_map> <vector> <tl/expected.hpp>)

# sweepgate_precompile(TARGET [HEADER...]): for a target of many files of C++ that links tl::expected.
function(sweepgate_precompile target)
    if(SWEEPGATE_PRECOMPILE)
        target_precompile_headers(${target} PRIVATE ${SWEEPGATE_STANDARD_HEADERS} ${ARGN})
    endif()
endfunction()

# sweepgate_precompile_dpdk(TARGET): for one that links PkgConfig::DPDK as well.
function(sweepgate_precompile_dpdk target)
    if(SWEEPGATE_PRECOMPILE)
        target_precompile_headers(${target} PRIVATE <rte_config.h> ${SWEEPGATE_STANDARD_HEADERS})
        set_target_properties(${target} PROPERTIES RTE_CONFIG_PRECOMPILED ON)
    endif()
endfunction()

# sweepgate_precompile_as(OTHER TARGET...): the same with the headers that OTHER has compiled; the
# flags that change code have to be the same.
function(sweepgate_precompile_as other)
    if(SWEEPGATE_PRECOMPILE)
        get_target_property(rte_config ${other} RTE_CONFIG_PRECOMPILED)
        foreach(target ${ARGN})
            target_precompile_headers(${target} REUSE_FROM ${other})
            set_target_properties(${target} PROPERTIES RTE_CONFIG_PRECOMPILED "${rte_config}")
        endforeach()
    endif()
endfunction()
