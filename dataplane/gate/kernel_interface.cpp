// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/kernel_interface.hpp"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace sweepgate::gate {

namespace {

/// Any socket will do for ioctl(2) on an interface.
class ControlSocket {
public:
    ControlSocket() : descriptor_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}
    ControlSocket(const ControlSocket&) = delete;
    ControlSocket& operator=(const ControlSocket&) = delete;
    ~ControlSocket() {
        if (descriptor_ >= 0) close(descriptor_);
    }
    [[nodiscard]] int get() const { return descriptor_; }

private:
    int descriptor_;
};

ifreq request_for(const std::string& name) {
    ifreq request{};
    std::memcpy(request.ifr_name, name.data(), std::min(name.size(), sizeof request.ifr_name - 1));
    return request;
}

} // namespace

Status KernelInterface::control(unsigned long request, void* argument, const char* what) const {
    const ControlSocket socket;
    if (ioctl(socket.get(), request, argument) == 0) return {};
    return fail(Errc::io, "interface " + name_ + ": " + what + ": " + errno_text(errno));
}

Result<bool> KernelInterface::has_link() const {
    auto request = request_for(name_);
    if (auto ok = control(SIOCGIFFLAGS, &request, "flags"); !ok) return tl::unexpected(ok.error());
    if ((request.ifr_flags & IFF_UP) == 0) return false;
    const bool running = (request.ifr_flags & IFF_RUNNING) != 0;
    // That flag follows the carrier by up to a second (linkwatch); most drivers tell at once.
    ethtool_value carrier{};
    carrier.cmd = ETHTOOL_GLINK;
    return ethtool(&carrier, "link") ? carrier.data != 0 : running;
}

unsigned KernelInterface::mbps() const {
    ethtool_cmd settings{}; // the kernel still translates it for drivers that know the newer one
    settings.cmd = ETHTOOL_GSET;
    if (!ethtool(&settings, "speed")) return 0;
    const auto speed = ethtool_cmd_speed(&settings);
    return speed == static_cast<__u32>(SPEED_UNKNOWN) ? 0 : speed;
}

Status KernelInterface::set_up(bool up) const {
    auto request = request_for(name_);
    if (auto ok = control(SIOCGIFFLAGS, &request, "flags"); !ok) return ok;
    const auto flags = static_cast<unsigned>(request.ifr_flags);
    const auto wanted = up ? flags | IFF_UP : flags & ~static_cast<unsigned>(IFF_UP);
    if (wanted == flags) return {};
    request.ifr_flags = static_cast<short>(wanted);
    return control(SIOCSIFFLAGS, &request, up ? "set up" : "set down");
}

Result<unsigned> KernelInterface::mtu() const {
    auto request = request_for(name_);
    if (auto ok = control(SIOCGIFMTU, &request, "MTU"); !ok) return tl::unexpected(ok.error());
    return static_cast<unsigned>(request.ifr_mtu);
}

Status KernelInterface::set_mtu(unsigned mtu) const {
    auto request = request_for(name_);
    request.ifr_mtu = static_cast<int>(mtu);
    const auto what = "MTU of " + std::to_string(mtu);
    return control(SIOCSIFMTU, &request, what.c_str());
}

unsigned KernelInterface::channels() const {
    ethtool_channels channels{};
    channels.cmd = ETHTOOL_GCHANNELS;
    if (!ethtool(&channels, "channels")) return 1;
    return std::max(channels.combined_count, 1U);
}

Status KernelInterface::ethtool(void* command, const char* what) const {
    auto request = request_for(name_);
    request.ifr_data = static_cast<char*>(command);
    return control(SIOCETHTOOL, &request, what);
}

std::string KernelInterface::driver() const {
    ethtool_drvinfo driver{};
    driver.cmd = ETHTOOL_GDRVINFO;
    if (!ethtool(&driver, "driver")) return "";
    return {driver.driver, strnlen(driver.driver, sizeof driver.driver)};
}

unsigned KernelInterface::index() const { return if_nametoindex(name_.c_str()); }

} // namespace sweepgate::gate
