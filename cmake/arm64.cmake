# SPDX-License-Identifier: Apache-2.0
# CMake toolchain file: Debian's arm64 cross compiler, the arm64 libraries below SWEEPGATE_SYSROOT, and qemu-user for
# whatever has to run. tests/arm64/run makes that folder and uses this file.
#
#   cmake -S . -B build/arm64/tree -G Ninja -DCMAKE_TOOLCHAIN_FILE=cmake/arm64.cmake -DSWEEPGATE_SYSROOT=FOLDER
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)

# This file is read again for each compiler check, in a project that knows only what is listed here.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES SWEEPGATE_SYSROOT)
if(NOT IS_DIRECTORY "${SWEEPGATE_SYSROOT}")
    message(FATAL_ERROR "SWEEPGATE_SYSROOT='${SWEEPGATE_SYSROOT}' is no folder; tests/arm64/run makes one")
endif()
set(CMAKE_SYSROOT ${SWEEPGATE_SYSROOT})

# Programs (protoc, pkg-config, clang for BPF) are this machine's, everything else is the other's.
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${SWEEPGATE_SYSROOT})
set(ENV{PKG_CONFIG_LIBDIR} ${SWEEPGATE_SYSROOT}/usr/lib/aarch64-linux-gnu/pkgconfig:${SWEEPGATE_SYSROOT}/usr/share/pkgconfig)

# ctest runs its programs through this.
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64 -L ${SWEEPGATE_SYSROOT})
