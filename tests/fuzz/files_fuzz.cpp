// SPDX-License-Identifier: Apache-2.0
// Files that an admin or a machine writes: prefix lists in every format, the configurations of
// controller and agent, a board. The first byte chooses.
#include <cstdlib>

#include "boards/board.hpp"
#include "controlplane/agent/config.hpp"
#include "controlplane/agent/lifelines.hpp"
#include "controlplane/catalog/prefix_list.hpp"
#include "controlplane/controller/config.hpp"

using namespace sweepgate;

namespace {

template <typename T>
void expect_reason(const Result<T>& parsed) {
    if (!parsed && parsed.error().what.empty()) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(bytes) + 1, size - 1);
    switch (bytes[0] % 10) {
    case 0: expect_reason(controller::parse_config(text, "fuzz")); break;
    case 1: expect_reason(agent::parse_config(text, "fuzz")); break;
    case 2: expect_reason(boards::parse_board(text, "fuzz")); break;
    case 3: (void)agent::nameservers_in(text); break;
    default: {
        const auto format = static_cast<ListFormat>(bytes[0] % 10 - 4);
        const auto list = parse_prefix_list(text, "fuzz", format);
        expect_reason(list);
        if (list && (list->faults.size() > list->faulty)) std::abort();
    }
    }
    return 0;
}
