// A certified OpenID provider on loopback, for tests. Everybody is signed in as the test says (POST /control), and its
// ID tokens may be spoiled on the way out: correctly signed when that is not what is tested.
import { createHmac, generateKeyPairSync } from "node:crypto";
import Provider from "oidc-provider";
import * as jose from "jose";

const [port, clientId, clientSecret, redirectUri] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const pair = () => generateKeyPairSync("rsa", { modulusLength: 2048 });
const ours = pair(), theirs = pair();
const jwk = { ...ours.privateKey.export({ format: "jwk" }), kid: "ours", use: "sig", alg: "RS256" };
let now = { subject: "sujet-1", email: "agent@caf.example", siret: null, acr: "eidas2", spoil: null };

const provider = new Provider(issuer, {
  clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] }],
  claims: { openid: ["sub", "acr", "auth_time"], email: ["email"], siret: ["siret"] },
  acrValues: ["eidas2"],
  cookies: { keys: ["test"] },
  features: { devInteractions: { enabled: false } },
  pkce: { required: () => true, methods: ["S256"] },
  jwks: { keys: [jwk] },
  findAccount: (_ctx, id) => ({
    accountId: id, claims: () => ({ sub: id, email: now.email, ...(now.siret ? { siret: now.siret } : {}) }),
  }),
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
});

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const signed = (claims, key = ours.privateKey) =>
  new jose.SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "ours" }).sign(key);
const spoils = {
  nonce: (c) => signed({ ...c, nonce: "autre" }),
  no_nonce: ({ nonce, ...c }) => signed(c),
  audience: (c) => signed({ ...c, aud: "autre-service" }),
  audiences: (c) => signed({ ...c, aud: [c.aud, "autre-service"], azp: "autre-service" }),
  issuer: (c) => signed({ ...c, iss: "http://127.0.0.1:1" }),
  expired: (c) => signed({ ...c, iat: c.iat - 7200, exp: c.iat - 3600 }),
  no_expiry: ({ exp, ...c }) => signed(c),
  future: (c) => signed({ ...c, iat: c.iat + 7200, nbf: c.iat + 7200 }),
  no_subject: ({ sub, ...c }) => signed(c),
  acr: (c) => signed({ ...c, acr: "eidas1" }),
  unknown_key: (c) => signed(c, theirs.privateKey),
  unsigned: async (c) => `${encoded({ alg: "none" })}.${encoded(c)}.`,
  shared_secret: async (c) => {
    const body = `${encoded({ alg: "HS256" })}.${encoded(c)}`;
    return `${body}.${createHmac("sha256", clientSecret).update(body).digest("base64url")}`;
  },
  public_key_as_secret: async (c) => {
    const body = `${encoded({ alg: "HS256", kid: "ours" })}.${encoded(c)}`;
    const key = ours.publicKey.export({ type: "spki", format: "pem" });
    return `${body}.${createHmac("sha256", key).update(body).digest("base64url")}`;
  },
  altered: async (c, token) => {
    const [head, , signature] = token.split(".");
    return `${head}.${encoded({ ...c, sub: "sujet-2" })}.${signature}`;
  },
  garbage: async () => "pas.un.jeton",
};

provider.use(async (ctx, next) => {
  if (ctx.path === "/control") {
    const pieces = [];
    for await (const piece of ctx.req) pieces.push(piece);
    now = { ...now, ...JSON.parse(Buffer.concat(pieces).toString()) };
    ctx.body = "ok";
    return;
  }
  if (ctx.path.startsWith("/interaction/")) {
    const { prompt, params, session } = await provider.interactionDetails(ctx.req, ctx.res);
    if (prompt.name === "login") {
      const login = { accountId: now.subject, acr: now.acr, ts: Math.floor(Date.now() / 1000) };
      await provider.interactionFinished(ctx.req, ctx.res, { login });
    } else {
      const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
      grant.addOIDCScope(params.scope);
      await provider.interactionFinished(ctx.req, ctx.res, { consent: { grantId: await grant.save() } });
    }
    ctx.respond = false;
    return;
  }
  await next();
  if (ctx.path === "/token" && spoils[now.spoil] && ctx.body?.id_token) {
    const claims = jose.decodeJwt(ctx.body.id_token);
    ctx.body = { ...ctx.body, id_token: await spoils[now.spoil](claims, ctx.body.id_token) };
  }
  if (ctx.path === "/me" && now.spoil === "userinfo") ctx.body = { ...ctx.body, sub: "sujet-2" };
});

provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
