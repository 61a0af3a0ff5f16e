# SPDX-License-Identifier: Apache-2.0
# Language level and warnings for every target of this tree.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# All programs side by side: build/bin/sweepgated, build/bin/sweepgate, ...
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1")

option(SWEEPGATE_SANITIZE "Build with AddressSanitizer and UndefinedBehaviorSanitizer" OFF)
option(SWEEPGATE_FUZZ "Build the libFuzzer targets with clang-14" OFF)

find_program(SWEEPGATE_CCACHE ccache)
if(SWEEPGATE_CCACHE)
    # What ccache(1) asks for where headers are precompiled; without it nothing is found again.
    set(launcher ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${SWEEPGATE_CCACHE})
    set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
    set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
    add_compile_options($<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fpch-preprocess>)
endif()

# Flags of our own code. Third-party headers come in as SYSTEM.
add_library(sweepgate_flags INTERFACE)
target_include_directories(sweepgate_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(sweepgate_flags INTERFACE
    -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
    -Wold-style-cast -Woverloaded-virtual -Wnull-dereference -Wdouble-promotion -Wformat=2
    -Werror -fno-strict-aliasing -fstack-protector-strong)
if(NOT SWEEPGATE_SANITIZE) # it needs optimisation, and the sanitizers know more
    target_compile_definitions(sweepgate_flags INTERFACE _FORTIFY_SOURCE=2)
endif()

if(SWEEPGATE_SANITIZE)
    # Compiling is most of this stage; the tests themselves run for seconds at any level.
    set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O0 -g1")
    add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=address,undefined)
    # Instrumented code makes g++ 12 warn of what is not there; the plain build holds every warning.
    target_compile_options(sweepgate_flags INTERFACE -Wno-error)
endif()

if(SWEEPGATE_FUZZ)
    # clang-14 warns of other things than g++ 12, which is the compiler of record.
    target_compile_options(sweepgate_flags INTERFACE -Wno-error)
endif()

# sweepgate_hidden(TARGET...): static libraries that a shared one is made of as well. Position
# independent, and nothing of them is seen from outside unless a version script names it.
function(sweepgate_hidden)
    set_target_properties(${ARGN} PROPERTIES
        POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
endfunction()
