// An OpenID provider for tests: anybody signs in with any password, and is known by their login.
//
// usage: node provider.mjs PACKAGES ISSUER CLIENT SECRET REDIRECT
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [packages, issuer, client, secret, redirect] = process.argv.slice(2);
const found = createRequire(`${packages}/package.json`).resolve("oidc-provider");
const { default: Provider } = await import(pathToFileURL(found).href);

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: client,
      client_secret: secret,
      redirect_uris: [redirect],
      grant_types: ["authorization_code"],
      response_types: ["code"],
    },
  ],
  pkce: { required: () => true, methods: ["S256"] },
  // roles that Hemu must not believe
  claims: { openid: ["sub", "roles"] },
  conformIdTokenClaims: false,
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, roles: ["ops", "org_admin"] }),
  }),
});
provider.listen(Number(new URL(issuer).port), "127.0.0.1");
