// SPDX-License-Identifier: Apache-2.0
// The catalog of the tree, loaded once. Wants SHIPPED_CATALOG, its folder.
#pragma once

#include <array>

#include "controlplane/catalog/catalog.hpp"

#include <CppUTest/TestHarness.h>

namespace sweepgate::test {

inline const Catalog& shipped_catalog() {
    static const auto loaded = [] {
        const std::array<std::filesystem::path, 1> folders{SHIPPED_CATALOG};
        return load_catalog(folders);
    }();
    if (!loaded) FAIL(loaded.error().what.c_str());
    return *loaded;
}

} // namespace sweepgate::test
