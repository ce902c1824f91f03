import { Controller, Get, HttpCode, HttpStatus, Post, Query, Redirect, Req } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import {
  Authenticator,
  CSRF_HEADER,
  Public,
  refuseForeign,
  returnPath,
  sessionOf,
  type SessionRequest,
  type Ticket,
} from '@ecron/auth';
import { ApiRefusals } from '../http/api-errors.js';
import { API_PREFIX } from '../http/api-prefix.js';
import { type RawQuery } from '../http/query.js';
import { type CookieRequest } from '../http/session-cookies.js';
import { CallerDto } from './sign-in.dto.js';
import { SignInGate } from './sign-in.gate.js';

const HOME = '/docs';
type BrowserRequest = SessionRequest & CookieRequest;

/** Signing in and out with a browser. */
@ApiTags('signing in')
@Controller(`${API_PREFIX}/auth`)
export class SignInController {
  constructor(
    private readonly gate: SignInGate,
    private readonly authenticator: Authenticator,
  ) {}

  @Get('login')
  @Public()
  @Redirect()
  @ApiOperation({
    summary: 'Sends a browser to the token server to sign in; 404 where that is not configured',
  })
  @ApiQuery({ name: 'return_to', required: false, description: 'A path here to come back to; default /docs' })
  @ApiResponse({ status: 302, description: 'To the token server' })
  @ApiRefusals(404)
  async login(@Req() request: BrowserRequest, @Query() query: RawQuery): Promise<{ url: string }> {
    const { location, ticket } = await this.gate.open().begin(returnPath(query['return_to'], HOME));
    request.signIn?.set('ticket', ticket);
    return { url: location };
  }

  @Get('callback')
  @Public()
  @Redirect()
  @ApiOperation({ summary: 'Where the token server sends the browser back to: begins the session' })
  @ApiQuery({ name: 'code', required: false })
  @ApiQuery({ name: 'state', required: false })
  @ApiQuery({ name: 'error', required: false })
  @ApiResponse({ status: 302, description: 'Signed in; to where the sign-in began' })
  @ApiRefusals(403, 404, 503)
  async callback(@Req() request: BrowserRequest, @Query() query: RawQuery): Promise<{ url: string }> {
    const signIn = this.gate.open();
    const ticket = readTicket(request.signIn?.get('ticket'));
    // A ticket is for one attempt, however it ends.
    request.signIn?.delete();
    const { session, lifetimeS } = await signIn.finish(textsOf(query), ticket);
    request.session?.regenerate();
    request.session?.set('token', session.token);
    request.session?.set('csrf', session.csrf);
    request.session?.options({ maxAge: lifetimeS });
    return { url: returnPath(ticket?.returnTo, HOME) };
  }

  @Post('logout')
  @Public()
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Ends the session and revokes its token; fine without one' })
  @ApiHeader({ name: CSRF_HEADER, required: false, description: '`csrf_token` of `GET /auth/me`' })
  @ApiResponse({ status: 200 })
  @ApiRefusals(403, 404)
  async logout(@Req() request: BrowserRequest): Promise<void> {
    const signIn = this.gate.open();
    const session = sessionOf(request);
    if (session === null) return;
    refuseForeign(request, session, signIn.origin);
    request.session?.delete();
    await signIn.end(session);
  }

  @Get('me')
  @Public()
  @ApiOperation({ summary: 'Who the caller is, by token or session' })
  @ApiResponse({ status: 200, type: CallerDto })
  @ApiRefusals(403, 503)
  async me(@Req() request: BrowserRequest): Promise<CallerDto> {
    const { userId, clientId, isAdmin, permissions } = await this.authenticator.authenticate(request);
    const isByToken = request.headers.authorization !== undefined;
    return {
      user_id: userId,
      client_id: clientId,
      is_admin: isAdmin,
      permissions: [...permissions],
      csrf_token: isByToken ? '' : (sessionOf(request)?.csrf ?? ''),
    };
  }
}

function readTicket(value: unknown): Ticket | null {
  return typeof value === 'object' && value !== null ? (value as Ticket) : null;
}

/** A name that comes twice counts as missing. */
function textsOf(query: RawQuery): { code?: string; state?: string; error?: string } {
  const names = ['code', 'state', 'error'] as const;
  return Object.fromEntries(
    names.flatMap((name) => (typeof query[name] === 'string' ? [[name, query[name]]] : [])),
  );
}
