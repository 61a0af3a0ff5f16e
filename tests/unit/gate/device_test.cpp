// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/device.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::gate;

namespace {

std::string devargs(std::string_view text) { return parse_device(text, 3).value().devargs(); }
std::string refusal(std::string_view text) {
    const auto device = parse_device(text, 3);
    return device ? "accepted" : device.error().what;
}

} // namespace

TEST_GROUP(Device){};

TEST(Device, TurnsNamesIntoWhatDpdkCallsThem) {
    STRCMP_EQUAL("net_af_xdp3,iface=eth1", devargs("af_xdp:eth1").c_str());
    STRCMP_EQUAL("net_af_packet3,iface=eth1.7", devargs("af_packet:eth1.7").c_str());
    STRCMP_EQUAL("net_pcap3,rx_pcap=in.pcap,tx_pcap=out.pcap",
                 devargs("pcap:in.pcap,out.pcap").c_str());
    STRCMP_EQUAL("net_null3,no-rx=1", devargs("null:").c_str());
    STRCMP_EQUAL("net_ring0,nodeaction=r0", devargs("net_ring0,nodeaction=r0").c_str());
    STRCMP_EQUAL("0000:01:00.0", devargs("01:00.0").c_str());
    STRCMP_EQUAL("0001:01:00.0", devargs("0001:01:00.0").c_str());
}

TEST(Device, RefusesWhatNamesNoPort) {
    STRCMP_CONTAINS("port 'eth1'", refusal("eth1").c_str());
    STRCMP_CONTAINS("is not a name", refusal("af_xdp:").c_str());
    STRCMP_CONTAINS("is not a name", refusal("af_xdp:sixteen-letters-x").c_str());
    STRCMP_CONTAINS("is not a name", refusal("af_packet:a,qpairs=9").c_str());
    STRCMP_CONTAINS("two files", refusal("pcap:in.pcap").c_str());
    STRCMP_CONTAINS("port ''", refusal("").c_str());
    STRCMP_CONTAINS("port '01:00.9'", refusal("01:00.9").c_str());
}

TEST(Device, KnowsItsKernelInterface) {
    const auto device =
        parse_device("net_af_xdp7,start_queue=0,iface=wan0,queue_count=2", 3).value();
    STRCMP_EQUAL("wan0", device.interface().c_str());
    STRCMP_EQUAL("wan0", device.label().c_str());
    STRCMP_EQUAL("2", device.argument("queue_count").c_str());
    STRCMP_EQUAL("", device.argument("queue").c_str());
    STRCMP_EQUAL("lan0", parse_device("af_packet:lan0", 3).value().interface().c_str());
    STRCMP_EQUAL("", parse_device("net_tap0,iface=dtap0", 3).value().interface().c_str());
    STRCMP_EQUAL("0000:01:00.0", parse_device("01:00.0", 3).value().label().c_str());
}
