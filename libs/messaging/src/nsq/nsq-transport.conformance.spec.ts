import {
  brokerConformance,
  type BrokerUnderTest,
  describeWith,
  LocalNsqd,
  transportConformance,
  until,
} from '@ecron/testing';
import { Logger } from '@nestjs/common';
import { ClientPublisher } from '../message-publisher.js';
import { NsqTransport } from './nsq-transport.js';

describeWith('nsq', 'NsqTransport', ({ bin }) => {
  beforeAll(() => void Logger.overrideLogger(false));

  async function make(): Promise<BrokerUnderTest> {
    const nsqd = await LocalNsqd.make(bin);
    await nsqd.start();
    const transport = new NsqTransport({ nsqd: nsqd.tcp, lookupdHttp: [] });
    const publisher = new ClientPublisher(transport.client());
    await until(() => transport.fault() === null);
    return {
      publisher,
      makeServer: (group) => transport.server(group),
      publishTexts: (topic, texts) => nsqd.publish(topic, texts),
      fault: () => transport.fault(),
      stopBroker: () => nsqd.stop(),
      startBroker: () => nsqd.start(),
      close: async () => {
        await transport.close();
        await nsqd.remove();
      },
    };
  }

  transportConformance('NSQ', make);
  brokerConformance('NSQ', make);
});
