// SPDX-License-Identifier: Apache-2.0
#include "dataplane/filter/port_classes.hpp"

#include <algorithm>
#include <map>

#include "dataplane/filter/port_class.hpp"

namespace sweepgate::filter {

namespace {

/// The number of `item` among those kept, which it joins when it is new.
template <typename Item>
std::uint32_t number_of(const Item& item, std::vector<Item>& kept,
                        std::map<Item, std::uint32_t>& numbers) {
    const auto [found, is_new] = numbers.try_emplace(item, static_cast<std::uint32_t>(kept.size()));
    if (is_new) kept.push_back(item);
    return found->second;
}

/// Whether the system has a port of its own in this page, or the page one where clients hide.
bool differs(const System& system, Transport transport, unsigned page) {
    const auto first = page << 8U;
    const auto last = first + 255;
    return page < 2 || std::ranges::any_of(system.ports, [&](const PortRange& range) {
               return range.transport == transport && range.first <= last && first <= range.last;
           });
}

std::array<std::uint64_t, 8> make_page(const System& system, Transport transport, unsigned page) {
    std::array<std::uint64_t, 8> made{};
    for (unsigned i = 0; i < 256; ++i) {
        const auto port = static_cast<std::uint16_t>(page << 8U | i);
        const auto port_class = port_class_of(system, static_cast<std::uint8_t>(transport), port);
        made[i >> 5U] |= static_cast<std::uint64_t>(port_class) << (2 * (i & 31U));
    }
    return made;
}

} // namespace

PortClasses::PortClasses(const std::vector<System>& systems) {
    std::map<Page, std::uint32_t> page_numbers;
    std::map<Row, std::uint32_t> row_numbers;
    Page nothing{};
    nothing.fill(0xAAAAAAAAAAAAAAAAU); // PortClass::other, 32 times
    static_assert(static_cast<unsigned>(PortClass::other) == 2);
    number_of(nothing, pages_, page_numbers);
    Page without_ports{};
    without_ports.fill(~std::uint64_t{0});
    static_assert(static_cast<unsigned>(PortClass::none) == 3);
    Row no_ports{};
    no_ports.fill(number_of(without_ports, pages_, page_numbers));
    const auto no_ports_number =
        static_cast<std::uint16_t>(number_of(no_ports, rows_, row_numbers));
    for (const auto& system : systems) {
        for (const auto transport : {Transport::tcp, Transport::udp, Transport::sctp}) {
            Row row{};
            for (unsigned page = 0; page < row.size(); ++page)
                if (differs(system, transport, page))
                    row[page] = number_of(make_page(system, transport, page), pages_, page_numbers);
            row_of_.push_back(static_cast<std::uint16_t>(number_of(row, rows_, row_numbers)));
        }
        row_of_.push_back(no_ports_number);
    }
}

std::size_t PortClasses::memory_bytes() const {
    return row_of_.size() * sizeof(std::uint16_t) + rows_.size() * sizeof(Row) +
           pages_.size() * sizeof(Page);
}

} // namespace sweepgate::filter
