/// Catalogues that the demonstration imports, one file each: how its published file is read, what
/// its columns mean, whom to credit. Decoders trust nothing they read and append whole batches
/// through the public API, so that they also show how to write one for other data.
public enum DemoCatalogues {
  public static let all: [any DemoCatalogue] = [
    GaiaBrightCatalogue(), HipparcosCatalogue(), Tycho2Catalogue(), GladeCatalogue(),
  ]
}
