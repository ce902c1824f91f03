import { readFile } from 'node:fs/promises';
import { type Server } from 'node:tls';
import { type ServerTls, tlsFault } from '@ecron/platform';
import { type LoggerService } from '@nestjs/common';

/** A renewal is in force this soon after its files are there. */
const POLL_MS = 10_000;

export interface TlsFiles {
  certFile: string;
  keyFile: string;
}

/**
 * Gives a server its renewed certificate: new connections get it, those that stand go on. Contents are compared, since
 * a mounted secret changes by its links. While the pair cannot be used (half of it written, say) the old one stays.
 */
export class CertificateWatch {
  private timer: NodeJS.Timeout | undefined;
  private lastFault = '';

  constructor(
    private readonly server: Pick<Server, 'setSecureContext'>,
    private readonly files: TlsFiles,
    private current: ServerTls,
    private readonly logger: Pick<LoggerService, 'log' | 'error'>,
  ) {}

  start(): void {
    this.timer = setInterval(() => void this.check(), POLL_MS);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Looks once. Never rejects. */
  async check(): Promise<'same' | 'renewed' | 'unusable'> {
    const found = await this.read();
    if (typeof found === 'string') return this.keep(found);
    if (found.cert === this.current.cert && found.key === this.current.key) return 'same';
    const fault = tlsFault(found);
    if (fault !== null) return this.keep(fault);
    this.server.setSecureContext(found);
    this.current = found;
    this.lastFault = '';
    this.logger.log({ event: 'certificate.renewed', msg: 'the certificate was renewed' });
    return 'renewed';
  }

  /** Said once, not every ten seconds. */
  private keep(fault: string): 'unusable' {
    if (fault !== this.lastFault)
      this.logger.error({
        event: 'certificate.not_renewed',
        msg: `the certificate was not renewed, the old one stays: ${fault}`,
      });
    this.lastFault = fault;
    return 'unusable';
  }

  private async read(): Promise<ServerTls | string> {
    try {
      const [cert, key] = await Promise.all(
        [this.files.certFile, this.files.keyFile].map((file) => readFile(file, 'utf8')),
      );
      return { cert: cert ?? '', key: key ?? '' };
    } catch (error) {
      return `a file cannot be read: ${(error as { code?: string }).code ?? 'unknown error'}`;
    }
  }
}
