// SPDX-License-Identifier: LGPL-2.1-or-later
// The other agent, for servers that must themselves go through a relay.

export default {
  'a browser publishes and plays through --ice libnice': async (room) => {
    await room.useOwnServer({}, ['--ice', 'libnice']);
    const ada = await room.join('Ada');
    const bob = await room.join('Bob');
    for (const [one, other] of [[ada, bob], [bob, ada]]) {
      await one.seesFrames(other);
      await one.hears(other);
    }
    await ada.seesPicture(bob);
  },
};
