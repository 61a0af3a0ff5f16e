// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/content_network.hpp"

#include <array>

#include "controlplane/catalog/hostname.hpp"

namespace sweepgate {

namespace {

// Left out: load balancers that are rented whole (elb.amazonaws.com, cloudapp.azure.com), whose
// addresses serve one customer, and zones that only redirect (akadns.net, trafficmanager.net).
constexpr std::array<std::string_view, 29> kZones{
    "akamai.net",
    "akamaiedge.net",
    "akamaized.net",
    "edgekey.net",
    "edgesuite.net",
    "cloudfront.net",
    "fastly.net",
    "fastlylb.net",
    "cloudflare.net",
    "cloudflare.com",
    "azureedge.net",
    "azurefd.net",
    "msedge.net",
    "s-msedge.net",
    "t-msedge.net",
    "a-msedge.net",
    "edgecastcdn.net",
    "llnwd.net",
    "b-cdn.net",
    "cdn77.org",
    "cdngc.net",
    "gcdn.co",
    "ghs.googlehosted.com",
    "kunlunsl.com",
    "kunlunar.com",
    "cdn.dnsv1.com",
    "wscdns.com",
    "vercel-dns.com",
    "netlify.app",
};

} // namespace

std::string_view content_network(std::string_view name) {
    for (const auto zone : kZones)
        if (is_under(name, zone)) return zone;
    return {};
}

} // namespace sweepgate
