// tests/conformance/recorder/recorder.mjs: loaded with --import, it lets a Node program (and its children) reach loopback
// alone. Every other host it asks for is written to $KEYSTEWARD_TEST_CALLS, and the attempt fails before a name is looked up.
import fs from "node:fs";
import net from "node:net";

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...given) {
  const first = Array.isArray(given[0]) ? given[0][0] : given[0];
  const host = typeof first === "object" && first !== null ? first.host ?? first.hostname ?? "localhost" : typeof given[1] === "string" ? given[1] : "localhost";
  const path = typeof first === "object" && first !== null ? first.path : undefined;
  if (path === undefined && !/^(127\.|::1$|localhost$)/.test(host)) {
    fs.appendFileSync(process.env.KEYSTEWARD_TEST_CALLS, host + "\n");
    process.nextTick(() => this.destroy(new Error("loopback only in this test")));
    return this;
  }
  return connect.apply(this, given);
};
