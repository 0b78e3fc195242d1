// An OIDC issuer for tests: oidc-provider as it comes, with accounts that a test changes meanwhile.
// PUT /accounts/<login> with the claims of one; DELETE closes it. Any password will do.

import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const told = JSON.parse(process.env.KLIK_TEST_ISSUER);
const accounts = new Map();

const provider = new Provider(told.issuer, {
  clients: [
    {
      client_id: told.client,
      client_secret: told.secret,
      grant_types: ["authorization_code", "refresh_token"],
      redirect_uris: [`${told.front}/masuk/kembali`],
      post_logout_redirect_uris: [`${told.front}/masuk`],
    },
  ],
  claims: { openid: ["sub", "klik_role", "klik_territory"] },
  // roles are read from the ID token
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  // each is for one time, and one that comes again ends all that came of the sign-in
  rotateRefreshToken: true,
  issueRefreshToken: async () => true,
  findAccount: async (ctx, id) =>
    accounts.has(id) ? { accountId: id, claims: async () => ({ sub: id, ...accounts.get(id) }) } : undefined,
  // nobody is asked whether the pages may know who they are
  loadExistingGrant: async (ctx) => {
    const { client, session, provider: issuer } = ctx.oidc;
    const grant = new issuer.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope("openid");
    await grant.save();
    return grant;
  },
  cookies: { keys: ["of a test"] },
  ttl: { IdToken: 3600, AccessToken: 3600, RefreshToken: 86_400, Session: 86_400, Grant: 86_400, Interaction: 600, AuthorizationCode: 60 },
});

const answer = provider.callback();

createServer(async (request, response) => {
  const account = /^\/accounts\/([\w-]+)$/.exec(request.url)?.[1];
  if (!account) return answer(request, response);
  let body = "";
  for await (const part of request) body += part;
  if (request.method === "DELETE") accounts.delete(account);
  else accounts.set(account, JSON.parse(body));
  response.writeHead(204).end();
}).listen(told.port, "127.0.0.1");
