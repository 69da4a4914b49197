let offset = 0;
let installed = false;

/** Sets this process's clock: from now on `Date` tells the given time, and goes on from there. */
export const shiftTime = (now: number) => {
  if (!installed) install();
  offset = now - realNow();
};

const realNow = Date.now.bind(Date);

const install = () => {
  installed = true;
  const shifted = () => realNow() + offset;
  const RealDate = Date;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length > 0 ? args : [shifted()], newTarget),
    apply: () => new RealDate(shifted()).toString(),
    get: (target, name) => (name === 'now' ? shifted : Reflect.get(target, name)),
  });
  RealDate.prototype.constructor = globalThis.Date;
};
