//===- emulator/noc/Deadlock.cpp ------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/noc/Deadlock.h"
#include <algorithm>
#include <map>

namespace hillock::emu {

namespace {

struct Buffer {
  uint32_t tile, port;
  auto operator<=>(const Buffer &) const = default;
};

/// The buffers from \p start on, each waiting for the next; closed when the
/// last waits for one of them.
std::vector<Buffer> follow(const std::vector<Router> &routers, Buffer start,
                           bool &closed) {
  std::vector<Buffer> chain;
  std::map<Buffer, size_t> seen;
  closed = false;
  for (Buffer at = start;;) {
    const Router &router = routers[at.tile];
    if (router.waitingAt(at.port) == 0)
      return chain;
    if (auto before = seen.find(at); before != seen.end()) {
      chain.erase(chain.begin(),
                  chain.begin() + static_cast<std::ptrdiff_t>(before->second));
      closed = true;
      return chain;
    }
    seen.emplace(at, chain.size());
    chain.push_back(at);
    const uint32_t output = router.wanted(at.port);
    const Peer &next = router.peer(output);
    if (!router.blocked(output) || next.core)
      return chain;
    at = {next.module, next.port};
  }
}

} // namespace

std::string describeDeadlock(const MeshConfig &config,
                             const std::vector<Router> &routers) {
  for (uint32_t tile = 0; tile < routers.size(); ++tile)
    for (uint32_t port = 0; port < routers[tile].ports(); ++port) {
      bool closed = false;
      std::vector<Buffer> chain = follow(routers, {tile, port}, closed);
      if (!closed)
        continue;
      // From its smallest member on, so that the text does not depend on
      // where the search began.
      std::rotate(chain.begin(), std::min_element(chain.begin(), chain.end()),
                  chain.end());
      chain.push_back(chain.front());
      std::string text;
      for (const Buffer &buffer : chain) {
        text += text.empty() ? "tile (" : " -> tile (";
        text += std::to_string(buffer.tile % config.width) + "," +
                std::to_string(buffer.tile / config.width) + ") ";
        text += portName(buffer.port);
      }
      return text;
    }
  return "";
}

} // namespace hillock::emu
