import type { Clock } from '../clock.ts';
import type { Message } from './messages.ts';
import { linksOf, unfurl } from './unfurl.ts';

/** Looks at the links of messages in the background, as Slack does, and writes down what it got. */
export const unfurling = (clock: Clock) => {
  const underWay = new Set<Promise<void>>();
  return {
    /**
     * Unless both are false: Slack shows previews of media by default, and must look at a link to tell whether it is one.
     * It is not documented that `unfurl_links: false` alone keeps it from looking.
     */
    look(message: Message) {
      const { links, media } = message.previews;
      if ((links === false && media === false) || message.ephemeralTo !== undefined) return;
      for (const url of linksOf(message.text, message.blocks)) {
        const looking = clock.busy(unfurl(url)).then((it) => void message.unfurls.push(it));
        underWay.add(looking);
        void looking.finally(() => underWay.delete(looking));
      }
    },
    /** Resolves once no link is being looked at. */
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
};
