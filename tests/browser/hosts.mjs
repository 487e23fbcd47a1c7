// SPDX-License-Identifier: LGPL-2.1-or-later
// Two hosts on one cable: this process is on the client's, servers are on the other. Both are network namespaces
// without names: the server's lives as long as the process that keeps it, and that ends with us, whatever ends us.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

export const SERVER = '10.77.0.1';
export const RELAY = '10.77.0.10';
export const CLIENT = '10.77.0.2';
export const CLIENT_MOVED = '10.77.0.3';
const BITS = 24;
/** Both ends have a name that libnice does not take for a virtual interface. */
const LINK = 'eth0';

export class Hosts {
  #keeper;
  #inServer;
  #clientAddress = '';

  static async make() {
    const hosts = new Hosts();
    // `cat` ends when the pipe to it closes, which the kernel does for us at the latest.
    hosts.#keeper = spawn('unshare', ['--net', 'cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
    hosts.#keeper.stdin.write('.');
    await Promise.race([
      once(hosts.#keeper.stdout, 'data'),  // it runs, so its namespace is there
      once(hosts.#keeper, 'exit').then(([code]) => { throw new Error(`unshare: exit status ${code}`); }),
    ]);
    hosts.#inServer = ['nsenter', `--net=/proc/${hosts.#keeper.pid}/ns/net`];
    hosts.onClient('ip', 'link', 'set', 'lo', 'up');
    hosts.onServer('ip', 'link', 'set', 'lo', 'up');
    hosts.onClient('ip', 'link', 'add', LINK, 'type', 'veth', 'peer', 'name', LINK, 'netns', `${hosts.#keeper.pid}`);
    for (const address of [SERVER, RELAY]) hosts.onServer('ip', 'address', 'add', `${address}/${BITS}`, 'dev', LINK);
    hosts.onServer('ip', 'link', 'set', LINK, 'up');
    hosts.onClient('ip', 'link', 'set', LINK, 'up');
    hosts.#setClientAddress(CLIENT);
    return hosts;
  }

  /** What to write before a command that is to run on the server's host. */
  get serverPrefix() {
    return this.#inServer;
  }

  onClient(...command) {
    const { error, status, stderr, stdout } = spawnSync(command[0], command.slice(1), { encoding: 'utf8' });
    if (error || status !== 0) throw new Error(`${command.join(' ')}: ${error?.message ?? stderr}`);
    return stdout;
  }

  onServer(...command) {
    return this.onClient(...this.#inServer, ...command);
  }

  /** From now on that share (0..1) of UDP packets is lost on their way into the host: `onServer` or `onClient`. */
  lose(share, where) {
    this[where]('iptables', '-I', 'INPUT', '-p', 'udp', '-m', 'statistic', '--mode', 'random',
      '--probability', `${share}`, '-j', 'DROP');
  }

  /** Packets that `lose` has taken. */
  lost(where) {
    const rules = this[where]('iptables', '-L', 'INPUT', '-v', '-x', '-n');
    return Number(rules.match(/^\s*(\d+)\s.*statistic/m)?.[1] ?? 0);
  }

  /** UDP from the client to that port of the server goes to `address:port` instead; for what begins from now on. */
  detour(port, instead) {
    this.onClient('iptables', '-t', 'nat', '-A', 'OUTPUT', '-p', 'udp', '-d', SERVER, '--dport', `${port}`,
      '-j', 'DNAT', '--to-destination', instead);
  }

  /** Nothing by UDP reaches the server's host any more. */
  blockUdp() {
    this.onServer('iptables', '-I', 'INPUT', '-i', LINK, '-p', 'udp', '-j', 'DROP');
  }

  /** The client's line carries `rate` (such as `1mbit`) upwards. */
  limitUplink(rate) {
    this.onClient('tc', 'qdisc', 'replace', 'dev', LINK, 'root', 'tbf', 'rate', rate, 'burst', '16kb', 'latency', '200ms');
  }

  /** The client's line carries `rate` downwards; what does not fit waits for 200 ms at most. */
  limitDownlink(rate) {
    // A larger burst would let a probe pass at once, and the line would look wider than it is.
    this.onServer('tc', 'qdisc', 'replace', 'dev', LINK, 'root', 'tbf', 'rate', rate, 'burst', '2kb', 'latency', '200ms');
  }

  /** What the server answers at `url`, asked on its own host: the line between may be full. */
  askServer(url) {
    const ask = `fetch('${url}').then((answer) => answer.text()).then((text) => process.stdout.write(text))`;
    return JSON.parse(this.onServer(process.execPath, '-e', ask));
  }

  /** The client's host loses its address and gets another one, as when it goes from one network to the next. */
  move(to = CLIENT_MOVED) {
    this.#setClientAddress(to);
  }

  /**
   * A router on the way gives what the client sends another source address, and takes back what comes for it; no
   * connection is tracked, so the change is there at once, and the client does not learn of it.
   */
  translate(seen = CLIENT_MOVED, own = CLIENT) {
    this.onClient('nft', `
      add table ip nat_router
      flush table ip nat_router
      add chain ip nat_router out { type route hook output priority 0; }
      add chain ip nat_router in { type filter hook prerouting priority -300; }
      add rule ip nat_router out ip saddr ${own} udp sport 1-65535 ip saddr set ${seen}
      add rule ip nat_router in ip daddr ${seen} udp dport 1-65535 ip daddr set ${own}`);
    this.onServer('ip', 'neighbour', 'replace', seen, 'lladdr', this.#clientMac(), 'dev', LINK);
  }

  /** As it was made: no loss, no limits, the first address. */
  restore() {
    for (const host of ['onClient', 'onServer']) {
      this[host]('iptables', '-F');
      this[host]('nft', 'flush', 'ruleset');
    }
    const unlimited = ['tc', 'qdisc', 'delete', 'dev', LINK, 'root'];
    for (const [command, ...words] of [unlimited, [...this.#inServer, ...unlimited]]) {
      spawnSync(command, words, { stdio: 'ignore' });  // there may be none
    }
    this.#setClientAddress(CLIENT);
  }

  close() {
    this.#keeper?.stdin.end();
  }

  #clientMac() {
    return JSON.parse(this.onClient('ip', '-json', 'link', 'show', 'dev', LINK))[0].address;
  }

  #setClientAddress(address) {
    if (address === this.#clientAddress) return;
    this.#clientAddress = address;
    this.onClient('ip', '-4', 'address', 'flush', 'dev', LINK);
    this.onClient('ip', 'address', 'add', `${address}/${BITS}`, 'dev', LINK);
    // Browsers look for the address of the default route.
    this.onClient('ip', 'route', 'replace', 'default', 'via', SERVER);
  }
}
